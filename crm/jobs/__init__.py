"""Long work in small steps that survives its worker."""
