"""Mutation testing: small faults are put into crm/ one by one, and the tests are to fail.

`operators` says which faults, `[tool.mutmut]` in pyproject.toml where and which tests, `runner` how
those are run; `results` reads what came of it, and `report` judges it by the lists in
`survivors/`, one a package.
"""
