public import DifferentialPrivacy
public import Federation
public import Logging
public import SecureAggregation

/// A node at work: joins plans its policy allows, attends rounds, keeps the newest model served.
///
/// ``NodeAgenda`` decides what comes next; this actor performs it. Everything that must survive a crash is in the storage
/// before anybody outside hears of it, so that a node killed anywhere continues the same round after its restart.
public actor NodeRunner {
    let node: NodeID
    let coordinator: any CoordinatorPort
    let storage: any NodeStorage
    let noise: any NoiseSource
    /// Signs messages of secure aggregation; `nil` keeps the node out of plans of mode `distributed`.
    let aggregationKey: SigningKey?
    let entropy: any EntropySource
    let clock: any FederationClock
    let policy: BudgetPolicy
    let options: NodeOptions
    let shelf: ModelShelf
    let computeExecutor: (any TaskExecutor)?
    let faults: NodeFaultHook
    let observe: @Sendable (NodeProgress) -> Void
    let logger: Logger

    /// What the coordinator remembers of the ledger, once it was found to be part of it.
    var verifiedLedger: LedgerHead?
    /// The plan taken part in, with what it needs; read from storage on joining.
    var standing: PlanStanding?

    /// - Parameters:
    ///   - node: the name in this node's certificate; it names the node's random stream in silo training.
    ///   - noise: where privacy noise comes from: the system's entropy, or a seeded source in tests.
    ///   - aggregationKey: the node's long-term key for secure aggregation, as registered when it enrolled.
    ///   - entropy: where keys and masks come from: the system's, or a seeded source in tests.
    ///   - shelf: where each adopted model is put for serving.
    ///   - computeExecutor: where local training runs; `nil` for where everything runs.
    ///   - faults: called at the durable points of a round; tests stop the process there.
    ///   - observe: told what the node does, for display; must return quickly.
    public init(
        node: NodeID, coordinator: any CoordinatorPort, storage: any NodeStorage, noise: any NoiseSource,
        aggregationKey: SigningKey? = nil, entropy: any EntropySource = SystemEntropySource(), clock: any FederationClock,
        policy: BudgetPolicy = BudgetPolicy(), options: NodeOptions = NodeOptions(), shelf: ModelShelf = ModelShelf(),
        computeExecutor: (any TaskExecutor)? = nil, faults: @escaping NodeFaultHook = { _, _ in }, observe: @escaping @Sendable (NodeProgress) -> Void = { _ in },
        logger: Logger = Logger(label: "edge-node") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.node = node
        self.coordinator = coordinator
        self.storage = storage
        self.noise = noise
        self.aggregationKey = aggregationKey
        self.entropy = entropy
        self.clock = clock
        self.policy = policy
        self.options = options
        self.shelf = shelf
        self.computeExecutor = computeExecutor
        self.faults = faults
        self.observe = observe
        self.logger = logger
    }

    /// Attends rounds until the task is cancelled, or with `untilPlanEnds` until the plan is over or was refused.
    /// - Throws: errors no retry mends: `FederationError` `.unauthenticated`, `StorageError`, and `PrivacyError` `inconsistentLedger` when the ledger
    ///   was changed, or is older than what its witnesses have seen.
    public func run() async throws -> RunEnd {
        try await shelveStoredModel()
        try await verifyLedger()
        var agenda = NodeAgenda(options: options, served: await shelf.engine?.model)
        while !Task.isCancelled {
            do {
                switch agenda.next() {
                case .considerPlan: agenda.considered(try await considerPlan())
                case .poll(var poll):
                    poll.ledger = try await storage.ledgerHead()
                    poll.verifiedLedger = verifiedLedger
                    let assignment = try await coordinator.nextAssignment(poll)
                    try await verifyLedger(continues: assignment.rememberedLedger)
                    verifiedLedger = assignment.rememberedLedger
                    if case .planEnded = assignment.work { try await finishPlan() }
                    agenda.assigned(assignment)
                case .adopt(let model):
                    try await adopt(model)
                    agenda.adopted(model)
                case .contribute(let assignment):
                    try await contribute(to: assignment)
                    agenda.contributed()
                case .pause(let duration): try await clock.sleep(until: clock.now + duration)
                case .announceEnd(let plan): observe(.planEnded(plan))
                case .end(let end): return end
                }
            } catch {
                if Task.isCancelled || error is CancellationError { break }
                guard Self.isWorthRetrying(error) else { throw error }
                let pause = agenda.failed()
                logger.warning("trying again", metadata: ["error": "\(error)", "pause.ms": "\(pause.milliseconds)"])
                observe(.unavailable("\(error)", pause: pause))
            }
        }
        return .stopped
    }

    /// What time or the coordinator's operator may mend; a node with a bad certificate or a full disk must tell its operator instead.
    private static func isWorthRetrying(_ error: any Error) -> Bool {
        switch error {
        case let error as FederationError: error.code != .unauthenticated && error.code != .internalError
        case let error as StorageError: error.code == .corrupted || error.code == .conflict
        case let error as PrivacyError: error.code != .inconsistentLedger
        case is NodeFault: false
        default: true
        }
    }
}

/// Thrown by a fault hook to stop a node in a test; never retried.
public struct NodeFault: Error, Sendable {
    public init() {}
}
