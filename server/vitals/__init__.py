"""What was measured on a body: blood pressure, pulse, weight and their like."""
