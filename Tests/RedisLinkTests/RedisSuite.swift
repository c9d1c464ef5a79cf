import Testing

/// Everything that needs a Redis, one test at a time: these tests wait for sockets on threads that others need too.
@Suite(.serialized) enum RedisSuite {}
