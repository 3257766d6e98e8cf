"""What comes from outside, and is wrong: every parser meets it in a process that may die. `./dev fuzz`."""
