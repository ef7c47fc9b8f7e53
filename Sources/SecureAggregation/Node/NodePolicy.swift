/// What a node itself asks of every round, whatever the coordinator announces.
public struct NodePolicy: Sendable, Hashable {
    /// Digest of the plan the node has joined.
    public var run: Hash256
    /// d, b, D, s and C exactly as the plan gives them.
    public var dimension: Int
    public var modulusBits: Int
    public var clipOnGrid: UInt64
    public var gridScale: Double
    public var clip: Double
    /// Least σ √(t − c), in grid steps: the noise the node's ledger relies on.
    public var minimumNoise: Double
    /// Least t, c and n_min.
    public var minimumThreshold: Int
    public var minimumCollusion: Int
    public var minimumOrganisations: Int
    /// The users this node has declared for the run.
    public var enrolledUsers: UInt64

    public init(
        run: Hash256, dimension: Int, modulusBits: Int, clipOnGrid: UInt64, gridScale: Double, clip: Double, minimumNoise: Double, minimumThreshold: Int,
        minimumCollusion: Int, minimumOrganisations: Int, enrolledUsers: UInt64
    ) {
        self.run = run
        self.dimension = dimension
        self.modulusBits = modulusBits
        self.clipOnGrid = clipOnGrid
        self.gridScale = gridScale
        self.clip = clip
        self.minimumNoise = minimumNoise
        self.minimumThreshold = minimumThreshold
        self.minimumCollusion = minimumCollusion
        self.minimumOrganisations = minimumOrganisations
        self.enrolledUsers = enrolledUsers
    }

    /// - Throws: ``AggregationAlarm`` `.policy` naming the field.
    func check(_ announcement: Announcement, member: MemberID) throws {
        func require(_ condition: Bool, _ what: String) throws { if !condition { throw AggregationAlarm(.policy, what) } }
        let proposed = announcement.configuration
        try require(proposed.run == run, "the round belongs to another plan than the one this node has joined")
        try require(proposed.dimension == dimension, "the vector has \(proposed.dimension) words instead of \(dimension)")
        try require(proposed.modulusBits == modulusBits, "the modulus has \(proposed.modulusBits) bits instead of \(modulusBits)")
        try require(proposed.clipOnGrid == clipOnGrid && proposed.gridScale == gridScale && proposed.clip == clip, "clip and grid are not the plan's")
        try require(proposed.collusion >= minimumCollusion, "only \(proposed.collusion) colluding nodes are provided for; this node asks for \(minimumCollusion)")
        try require(proposed.threshold >= minimumThreshold, "the threshold \(proposed.threshold) is below this node's \(minimumThreshold)")
        try require(proposed.minimumOrganisations >= minimumOrganisations, "\(proposed.minimumOrganisations) organisations are fewer than this node's \(minimumOrganisations)")
        try require(proposed.guaranteedNoise >= minimumNoise, "the guaranteed noise of \(proposed.guaranteedNoise) grid steps is below \(minimumNoise)")
        try require(announcement.cohort.first { $0.id == member }?.users == enrolledUsers, "the cohort gives this node other users than it has declared")
        do {
            try proposed.validate(for: announcement.cohort)
        } catch let problem as SecureAggregationError {
            throw AggregationAlarm(.policy, problem.message)
        }
    }
}
