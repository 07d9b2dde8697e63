"""Two customers become one, and two again, each in one commit.

Import `merge.plan_merge` for what staff ask for, `join.join` for the merge itself,
`unmerge.plan_unmerge` for the undo, and `record.Merge` for what makes it exact.
"""
