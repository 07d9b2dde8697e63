"""Campaigns: mail to everybody in a segment, once each, and what became of each.

Begin with `campaign.Campaign` and its states, then `audience.Shard` and `mails.MailRecord`.
"""
