"""The comment node."""

from typing import Annotated

from flowengine.node import Config, Example, Field, Node, Widget, node_type


class CommentConfig(Config):
    """Configure a comment."""

    text: Annotated[str, Widget("markdown")] = Field("", description="What to say, in Markdown.")


@node_type("comment", category="common", icon="comment")
class Comment(Node[CommentConfig]):
    """Say something to the people who read the flow.

    It takes no messages and does nothing. The text is kept in the flow's file, beside the nodes it is about.
    """

    examples = (Example("only says something", config={"text": "Pumps 1 to 4 share a meter."}),)
