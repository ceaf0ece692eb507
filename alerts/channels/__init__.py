"""Adapters for channels to people: mail, chat, SMS, through apprise."""
