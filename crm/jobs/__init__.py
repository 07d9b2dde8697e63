"""Long work in small steps, which survives whatever ends its worker.

Import `run.start` to begin a job and `run.run` to take its steps, `job.Kind` to declare one,
`job.Phase` and `cuts` for what many workers do at once, `fan_out.work` for what a task is for,
`control` to look at, cancel and retry one, `housekeeping` for what the sweep does.
"""
