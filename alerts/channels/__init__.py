"""Adapters for channels: mail, chat, SMS, by SMTP and through apprise."""
