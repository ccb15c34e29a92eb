"""Turn the difference between what should run and what runs into a Plan; pure."""
