"""The adapters of Firestore, Firebase Auth and Cloud Tasks: only here is Google code imported.

Import `firestore.FirestoreStore`, the `documents.Store` of production; `auth` for what Firebase
Auth says of people, `staff` for the roles of staff, `tasks.enqueue` for the queue.
"""
