"""The manual: a page of Markdown for each topic, for the terminal and for a browser."""

from dse.guide.topics import NOTEBOOK, TOPICS, Topic, find_topic, topics
from dse.guide.web_pages import write_web_pages

__all__ = ["NOTEBOOK", "TOPICS", "Topic", "find_topic", "topics", "write_web_pages"]
