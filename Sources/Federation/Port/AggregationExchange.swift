/// One turn of a node in a round's secure aggregation: what it says, and up to where it has heard the coordinator.
///
/// The coordinator's messages of a round form one list per node; a repeated question is answered the same.
public struct AggregationExchange: Sendable, Hashable {
    public var plan: Digest
    public var round: RoundNumber
    /// A signed message of this node; at most ``maximumMessageByteCount`` bytes; `nil` to listen only.
    public var message: [UInt8]?
    /// How many of the coordinator's messages this node holds; ≥ 0.
    public var received: Int
    /// How long the answer may be held back; 0…60 s.
    public var patience: Duration

    public init(plan: Digest, round: RoundNumber, message: [UInt8]?, received: Int, patience: Duration) {
        self.plan = plan
        self.round = round
        self.message = message
        self.received = received
        self.patience = patience
    }

    /// Keys, shares and signatures of a node are far smaller; its masked input travels as an update.
    public static let maximumMessageByteCount = 256 * 1024
}

/// What the coordinator answers.
public struct AggregationMail: Sendable, Hashable {
    /// Its messages from the asked place on; in the order in which they are to be read.
    public var messages: [[UInt8]]
    /// Nothing more will come: the round is over, or was given up.
    public var isOver: Bool
    public init(messages: [[UInt8]], isOver: Bool) {
        self.messages = messages
        self.isOver = isOver
    }
    /// A message of the coordinator: lists of keys grow with the cohort, 165 bytes a node.
    public static let maximumMessageByteCount = 1 << 20
}
