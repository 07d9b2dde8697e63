"""The adapters of Firestore, Firebase Auth and Cloud Tasks: only here is Google code imported.

Import `store.FirestoreStore`, the `documents.Store` of production; `auth` for what Firebase
Auth says of people, `staff` for the roles of staff, `tasks.enqueue` for the queue.

No file of CRM-Lite may be called `firestore.*`: installations of 0.1 leave such files out of a
deployment (the `ignore` of their `firebase.json`).
"""
