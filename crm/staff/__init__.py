"""Who of the staff may do what: listed, given and taken by admins.

Import `manage.list_staff`, `manage.grant_role` and `manage.revoke_role`.
"""
