"""URLs, grouped by trust."""

app_name = "uploads"
urlpatterns: list = []
