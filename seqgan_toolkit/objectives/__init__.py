"""What is minimised: adversarial losses, gradient penalties, gradient estimators and schedules."""
