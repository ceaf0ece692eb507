"""Channels to people: mail, chat, SMS, through apprise."""
