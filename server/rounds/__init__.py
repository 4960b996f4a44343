"""Digital supervision: planned looks at residents without a camera, made in rounds that somebody signs."""
