"""Adapters for channels: mail, chat, SMS, through apprise."""
