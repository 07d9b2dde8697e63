"""The adapters: Firestore, Firebase Auth, Cloud Tasks. Only here is Google code imported."""
