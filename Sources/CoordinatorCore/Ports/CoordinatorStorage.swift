public import Federation

/// Everything the coordinator remembers. A call that returned is durable; a call that threw changed nothing.
///
/// All throw ``FederationError``: `.unavailable` when the disk is full or the database is held by another process,
/// `.corrupted` when stored bytes are damaged, each with its remedy.
public protocol CoordinatorStorage: PlanStorage, RoundStorage, ModelStorage, BlobStorage, LedgerWitness, RosterStorage {
    /// Counts a start of the coordinator and returns its number, from 1, larger than every one before.
    func beginIncarnation() async throws -> Int
}

/// Plans and the nodes that joined them.
public protocol PlanStorage: Sendable {
    /// Asks a running or later server to run the plan. A stopped plan is asked for again and continues where it stopped.
    /// - Throws: ``FederationError`` `.failedPrecondition` when another plan is requested or running, or this one finished or failed.
    func requestPlan(_ encoded: [UInt8], at time: WallTime) async throws
    /// Asks the server to stop the plan; answers `false` when it is neither requested nor running.
    func requestStop(of plan: Digest, at time: WallTime) async throws -> Bool
    func setState(_ state: PlanState, of plan: Digest, at time: WallTime) async throws
    /// All plans, oldest request first.
    func plans() async throws -> [PlanRecord]

    /// Records a node's declaration. A repetition of the same is no change.
    /// - Throws: ``FederationError`` `.rejected` when the node declared something else for this plan before.
    func recordJoin(_ node: NodeID, _ declaration: JoinDeclaration, at time: WallTime) async throws
    func joins(of plan: Digest) async throws -> [JoinRecord]
    /// Records that the node takes no further part in the plan.
    func recordWithdrawal(_ node: NodeID, from plan: Digest, reason: DeclineReason, at time: WallTime) async throws
}

/// How far the ledgers of nodes were when they were last shown.
public protocol LedgerWitness: Sendable {
    /// Remembers the head unless one at least as far is remembered already: the furthest ever shown stays, whatever is shown later.
    func rememberLedger(_ head: LedgerHead, of node: NodeID, at time: WallTime) async throws
    /// The furthest head that the node has shown; `nil` when it has shown none.
    func rememberedLedger(of node: NodeID) async throws -> LedgerHead?
}

/// The keys that nodes sign messages of secure aggregation with, and the roster that each plan began with.
public protocol RosterStorage: AggregationKeyRegistry {
    /// Every registered key of a node that is not revoked, by number.
    func aggregationMembers() async throws -> [AggregationMember]
    /// Records the roster, a durable blob, that a plan begins with; repeating it changes nothing, and another one is refused.
    func recordRoster(_ roster: Digest, of plan: Digest) async throws
    func roster(of plan: Digest) async throws -> Digest?
}

/// Where nodes' aggregation keys are registered when they enrol.
public protocol AggregationKeyRegistry: Sendable {
    /// Registers a node's key. A node keeps its number for good; a new key counts from the next plan on.
    /// - Parameters: key: Ed25519, 32 bytes. organisation: who runs the node, 1…63 bytes.
    func registerAggregationKey(_ key: [UInt8], of node: NodeID, organisation: String) async throws
}

/// A node that may take part in secure aggregation.
public struct AggregationMember: Sendable, Hashable {
    /// Never given to another node.
    public var number: Int
    public var node: NodeID
    public var organisation: String
    /// Ed25519, 32 bytes.
    public var key: [UInt8]
    public init(number: Int, node: NodeID, organisation: String, key: [UInt8]) {
        self.number = number
        self.node = node
        self.organisation = organisation
        self.key = key
    }
}

/// Rounds, their cohorts, and their updates.
public protocol RoundStorage: Sendable {
    /// Records the selection of a round: its cohort holds leases until the deadline.
    func openRound(_ opening: RoundOpening, of plan: Digest) async throws
    /// Records that the update, whose bytes are durable and verified, counts.
    func acceptUpdate(_ update: AcceptedUpdate, in round: RoundNumber, of plan: Digest) async throws
    func recordDecline(_ node: NodeID, reason: DeclineReason, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws
    /// Records that no more updates are taken: the accepted ones are the published set.
    func closeCollection(of round: RoundNumber, of plan: Digest, at time: WallTime) async throws
    /// Records the noised sum (privacy `central`), a durable blob, so that a restart publishes it instead of drawing noise anew.
    func recordNoisedSum(_ sum: Digest, in round: RoundNumber, of plan: Digest) async throws
    /// Records that the round published the model, a durable blob, together with the model itself.
    func publish(_ model: ModelReference, in round: RoundNumber, of plan: Digest, at time: WallTime) async throws
    func abandon(_ round: RoundNumber, of plan: Digest, reason: AbandonReason, at time: WallTime) async throws
    /// All rounds of the plan in order.
    func rounds(of plan: Digest) async throws -> [RoundRecord]
    func round(_ round: RoundNumber, of plan: Digest) async throws -> RoundRecord?
}

/// The register of model versions; their bytes are blobs.
public protocol ModelStorage: Sendable {
    /// Records the initial model of a plan (round 0), a durable blob. Repeating changes nothing.
    func recordInitialModel(_ model: ModelReference, of plan: Digest, at time: WallTime) async throws
    /// Every model version, oldest first.
    func models() async throws -> [ModelRecord]
    /// Makes this the model that nodes are told to serve once its plan is over.
    func promote(_ model: Digest, at time: WallTime) async throws
    /// Undoes the plan's last promotion and returns the model that is promoted now; `nil` when there is none.
    func undoPromotion(of plan: Digest) async throws -> Digest?
}

/// Bytes named by their SHA-256, and the bytes of updates.
public protocol BlobStorage: Sendable {
    /// Stores the bytes under their digest: all of them or none.
    func store(_ bytes: [UInt8]) async throws -> Digest
    /// `nil` when there is no such blob.
    func byteCount(of digest: Digest) async throws -> Int?
    /// Up to `maximumCount` bytes from the offset; empty only at the end.
    /// - Throws: ``FederationError`` `.notFound` when there is no such blob.
    func read(_ digest: Digest, at offset: Int, maximumCount: Int) async throws -> [UInt8]

    /// Durable bytes of an update; 0 when there are none.
    func byteCount(of upload: UploadName) async throws -> Int
    /// Appends at exactly the end of what is durable.
    /// - Throws: ``FederationError`` `.failedPrecondition` when the offset is not the end.
    func append(_ bytes: [UInt8], to upload: UploadName, at offset: Int) async throws
    /// As for blobs.
    func read(_ upload: UploadName, at offset: Int, maximumCount: Int) async throws -> [UInt8]
    /// Removes the bytes of an update; nothing happens when there are none.
    func discard(_ upload: UploadName) async throws
    /// Updates of the plan whose bytes are kept, whole or in part.
    func uploads(of plan: Digest) async throws -> [UploadName]
}

/// Names the bytes of an update: who sends them for which round. They are kept until the round is closed.
public struct UploadName: Sendable, Hashable {
    public var plan: Digest
    public var round: RoundNumber
    public var node: NodeID
    public var payload: Digest
    public init(plan: Digest, round: RoundNumber, node: NodeID, payload: Digest) {
        self.plan = plan
        self.round = round
        self.node = node
        self.payload = payload
    }
}
