import ServiceLifecycle

/// Claims partitions until the daemon stops, and gives them up then. It stops after the flusher.
struct ClaimService: Service {
    let claims: PartitionClaims

    func run() async throws {
        await cancelWhenGracefulShutdown { await claims.run() }
        await claims.close()
    }
}
