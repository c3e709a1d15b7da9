"""Messages in the bodies of requests and answers (PROTOCOL.md, "HTTP")."""

from block import DecodeError, Reader, Writer

MESSAGE_BYTES = 16 * 1024
MOST_MESSAGES = 64


def join(messages):
    """The body of a request: each message after its length."""
    writer = Writer()
    for message in messages:
        writer.varint(len(message))
        writer.data += message
    return bytes(writer.data)


def split(body):
    """The messages of a body; DecodeError says why it is none."""
    reader, messages = Reader(body), []
    while not messages or reader.left:
        length = reader.count(MESSAGE_BYTES)
        if len(messages) == MOST_MESSAGES:
            raise DecodeError("too-large")
        if length == 0:
            raise DecodeError("truncated")
        messages.append(reader.take(length))
    return messages
