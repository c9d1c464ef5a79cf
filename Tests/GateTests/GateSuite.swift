import Testing

/// Everything that runs a gate, one test at a time: these tests wait for sockets on threads that others need too.
@Suite(.serialized) enum GateSuite {}
