"""What the platform calls by itself: Firestore events, the scheduler, the task queue.

Import `events.deliver`, `schedule.run` and `worker.work`, in `main.py` alone.
"""
