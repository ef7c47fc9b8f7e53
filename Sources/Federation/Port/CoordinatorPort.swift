/// What a node may ask of the coordinator. Every request is idempotent, so a node repeats it after a lost answer.
///
/// Three implementations: a session of the coordinator actor, the gRPC client, and the simulator's faulty wire. The identity
/// of the caller is bound to the session (over the wire: taken from the client certificate), never an argument.
public protocol CoordinatorPort: Sendable {
    /// The plan that is running or was last run, with the catalog it was made for; `nil` before a plan was started.
    func currentPlan() async throws -> PlanOffer?

    /// Declares that this node takes part in the plan. Repeating it with the same declaration changes nothing.
    func join(_ declaration: JoinDeclaration) async throws

    /// What to do next. The coordinator may hold the answer back up to `poll.patience` while there is nothing to do.
    func nextAssignment(_ poll: AssignmentPoll) async throws -> Assignment

    /// Delivers the bytes named by the digest (catalog or model version) from the offset on, in order, in pieces of at most 1 MiB.
    func download(_ digest: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws

    /// How much of this update the coordinator holds, or how it was decided.
    func uploadStatus(of header: UpdateHeader) async throws -> UploadStatus

    /// Sends the update's bytes from the offset that `uploadStatus` gave to the end.
    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus

    /// Takes part in the secure aggregation of a round (privacy `distributed`): delivers a message, and waits for the coordinator's next ones.
    func exchange(_ exchange: AggregationExchange) async throws -> AggregationMail

    /// Tells that this node will not send an update for the round, so that it need not be waited for.
    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) async throws
}

/// Random access to the bytes of a finished update.
public protocol UpdateSource: Sendable {
    /// Up to `maximumCount` bytes at the offset; empty only at the end.
    func read(at offset: Int, maximumCount: Int) async throws -> [UInt8]
}

/// A running plan as the coordinator offers it.
public struct PlanOffer: Sendable, Hashable {
    /// The deterministic binary encoding; its SHA-256 is the plan's digest.
    public var encodedPlan: [UInt8]
    /// Bytes of the catalog file, to be downloaded under `plan.catalog.digest`.
    public var catalogByteCount: Int
    /// The encoded roster of the nodes that may take part, with their aggregation keys; `nil` unless the mode is `distributed`.
    public var roster: [UInt8]?
    public init(encodedPlan: [UInt8], catalogByteCount: Int, roster: [UInt8]? = nil) {
        self.encodedPlan = encodedPlan
        self.catalogByteCount = catalogByteCount
        self.roster = roster
    }
}

/// A node's consent to a plan.
public struct JoinDeclaration: Sendable, Hashable {
    public var plan: Digest
    /// Users that may contribute, rounded to two significant digits: public, part of the normaliser, fixed for the plan. ≥ 0.
    public var enrolledUsers: Int
    public init(plan: Digest, enrolledUsers: Int) {
        self.plan = plan
        self.enrolledUsers = enrolledUsers
    }
}

/// A question for work.
public struct AssignmentPoll: Sendable, Hashable {
    public var plan: Digest
    /// The newest model version this node holds, so that a newer one is news.
    public var knownModel: Digest?
    /// How long the answer may be held back; 0…60 s.
    public var patience: Duration
    /// How far this node's ledger is, for the coordinator to remember; `nil` from a node that keeps none.
    public var ledger: LedgerHead?
    /// The coordinator's last ``Assignment/rememberedLedger`` that this node has found to be part of its ledger. Only then does the
    /// coordinator take note of how far the ledger is now: a longer one that went on from an older copy never replaces what it knows.
    public var verifiedLedger: LedgerHead?
    public init(plan: Digest, knownModel: Digest? = nil, patience: Duration = .zero, ledger: LedgerHead? = nil, verifiedLedger: LedgerHead? = nil) {
        self.verifiedLedger = verifiedLedger
        self.plan = plan
        self.knownModel = knownModel
        self.patience = patience
        self.ledger = ledger
    }
}

/// The answer to a poll.
public struct Assignment: Sendable, Hashable {
    public enum Work: Sendable, Hashable {
        /// Nothing now; ask again no sooner than this.
        case wait(Duration)
        /// Train from this model version and send an update for the round.
        case train(RoundAssignment)
        /// Another plan runs now: fetch and join it.
        case otherPlan(Digest)
        /// The plan is over (finished, stopped, or out of attempts); `newestModel` is its result.
        case planEnded
    }
    public var work: Work
    /// The newest published model version of the plan, for serving; `nil` before the first.
    public var newestModel: ModelReference?
    /// Which start of the coordinator answers; a node drops what it remembers of an older one.
    public var incarnation: Int
    /// The furthest head of this node's ledger that the coordinator has ever been shown; `nil` when it was shown none. The node checks
    /// that its own ledger continues it, so that a directory put back from a copy cannot spend the same budget twice.
    public var rememberedLedger: LedgerHead?
    public init(work: Work, newestModel: ModelReference?, incarnation: Int, rememberedLedger: LedgerHead? = nil) {
        self.work = work
        self.newestModel = newestModel
        self.incarnation = incarnation
        self.rememberedLedger = rememberedLedger
    }
}

/// A lease on one round: until the deadline the coordinator waits for this node's update.
public struct RoundAssignment: Sendable, Hashable {
    public var round: RoundNumber
    public var model: ModelReference
    public var timeLeft: Duration
    public init(round: RoundNumber, model: ModelReference, timeLeft: Duration) {
        self.round = round
        self.model = model
        self.timeLeft = timeLeft
    }
}

/// A model version: parameters and server-optimiser state in one file, named by the round that published it and its digest.
public struct ModelReference: Sendable, Hashable {
    /// 0 for the initial model, else the number of the round that published it.
    public var round: Int
    public var digest: Digest
    public var byteCount: Int
    public init(round: Int, digest: Digest, byteCount: Int) {
        self.round = round
        self.digest = digest
        self.byteCount = byteCount
    }
}

/// What identifies an update. The payload is `coordinateCount` little-endian words of `modulusBits` bits and nothing else.
public struct UpdateHeader: Sendable, Hashable {
    public var plan: Digest
    public var round: RoundNumber
    /// The model version the users trained from.
    public var baseModel: Digest
    /// SHA-256 of the payload.
    public var payload: Digest
    public var payloadByteCount: Int
    /// Sums and counts of this node; must be `nil` unless the plan's privacy is `off`.
    public var report: TrainingReport?
    /// The node's signed message over the payload's digest; there exactly when the payload is masked (privacy `distributed`).
    public var maskedInput: [UInt8]?

    public init(
        plan: Digest, round: RoundNumber, baseModel: Digest, payload: Digest, payloadByteCount: Int, report: TrainingReport? = nil, maskedInput: [UInt8]? = nil
    ) {
        self.maskedInput = maskedInput
        self.plan = plan
        self.round = round
        self.baseModel = baseModel
        self.payload = payload
        self.payloadByteCount = payloadByteCount
        self.report = report
    }
}

/// Sums over a node's users, sent with privacy `off` only.
public struct TrainingReport: Sendable, Hashable {
    /// Σ loss over targets of the last local epoch, in nats.
    public var lossSum: Double
    public var targetCount: Int
    /// Held-out events evaluated with the base model before training: Σ hits at 10, Σ NDCG at 10, number of users.
    public var hitsAt10: Double
    public var ndcgAt10: Double
    public var evaluatedUsers: Int
    public init(lossSum: Double, targetCount: Int, hitsAt10: Double, ndcgAt10: Double, evaluatedUsers: Int) {
        self.lossSum = lossSum
        self.targetCount = targetCount
        self.hitsAt10 = hitsAt10
        self.ndcgAt10 = ndcgAt10
        self.evaluatedUsers = evaluatedUsers
    }
}

/// Where an update stands at the coordinator.
public enum UploadStatus: Sendable, Hashable {
    /// So many bytes are durable; send the rest.
    case incomplete(offset: Int)
    /// Accepted and durable, now or earlier under the same digest.
    case accepted
    /// The round is over or has enough; not an error, and not to be sent again.
    case notNeeded
    case rejected(RejectionReason)
}

/// Why the coordinator refuses a contribution; it never disturbs the round.
public enum RejectionReason: String, Sendable, Hashable, CaseIterable {
    case unknownPlan = "unknown-plan"
    case notJoined = "not-joined"
    case notSelected = "not-selected"
    case wrongRound = "wrong-round"
    case wrongModel = "wrong-model"
    case wrongSize = "wrong-size"
    case digestMismatch = "digest-mismatch"
    case conflictingUpdate = "conflicting-update"
    case outOfRange = "out-of-range"
    case unexpectedReport = "unexpected-report"
    case malformed = "malformed"
}

/// Why a node does not take part in a round.
public enum DeclineReason: String, Sendable, Hashable, CaseIterable {
    case budgetExhausted = "budget-exhausted"
    case tooFewUsers = "too-few-users"
    case shuttingDown = "shutting-down"
    case trainingFailed = "training-failed"
    /// The node's cap per period is reached; it takes part again later.
    case periodExhausted = "period-exhausted"
}
