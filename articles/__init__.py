"""What is read: articles, who may read them, and the pages that show them."""
