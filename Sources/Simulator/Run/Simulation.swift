import CoordinatorCore
public import DifferentialPrivacy
public import EdgeRuntime
public import Federation
public import Interactions
public import Logging
import RecommenderModels
import SecureAggregation
import SeededNoise
import Tensors

/// A whole federation in one process: the production coordinator and nodes over a simulated wire, a virtual clock and storage in
/// memory.
///
/// With the same plan, catalog, silos and seed the published models are bit-identical, whatever the faults, and identical to
/// those of real processes over TLS (with privacy on: of processes given the same seeded noise).
///
/// ```swift
/// let result = try await Simulation(plan: plan, silos: silos, catalog: catalog, faults: .none, seed: 1).run()
/// print(result.finalModel.digest, result.rounds.last?.ndcgAt10 ?? 0)
/// ```
public struct Simulation: Sendable {
    /// `plan.catalog` must name the catalog: `CatalogReference(catalog)`.
    public var plan: Plan
    /// In any order; names must differ.
    public var silos: [SimulatedSilo]
    public var catalog: Catalog
    public var faults: FaultPlan
    /// Root of the wire's trouble and of the seeded noise. The plan has its own seed for what is trained.
    public var seed: UInt64
    public var settings: SimulationSettings

    public init(plan: Plan, silos: [SimulatedSilo], catalog: Catalog, faults: FaultPlan = .none, seed: UInt64 = 0, settings: SimulationSettings = SimulationSettings()) {
        self.plan = plan
        self.silos = silos
        self.catalog = catalog
        self.faults = faults
        self.seed = seed
        self.settings = settings
    }
}

/// What a simulation may leave at its defaults; nothing here changes a published model except the source of noise.
public struct SimulationSettings: Sendable {
    /// `nil`: ``SeededNoiseSource`` of the simulation's seed, which protects nobody and makes runs repeatable.
    public var noise: (any NoiseSource)?
    /// What every node allows; by default any mode, any number of users, and the plan's own ε and δ.
    public var policy: BudgetPolicy?
    /// Whether nodes score every published model on their held-out events.
    public var evaluates: Bool
    /// Whether nodes fetch and serve every published model. Thousands of nodes that only train need not.
    public var servesModels: Bool
    /// Whether all nodes share the files that one of them fetched, so that a simulation of thousands holds a model once.
    public var sharesDownloads: Bool
    /// Threads for local training. More than one changes in which order nodes answer, never what is published.
    public var workers: Int
    /// Virtual time at the beginning.
    public var start: WallTime
    /// A federation that takes longer has gone wrong.
    public var timeLimit: Duration
    /// Told what nodes do, for display; must return quickly.
    public var observe: @Sendable (NodeID, NodeProgress) -> Void
    /// Given every published model version with its parameters, before the nodes see it.
    public var onPublished: (@Sendable (ModelReference, [Float]) async throws -> Void)?
    public var logger: Logger

    public init(
        noise: (any NoiseSource)? = nil, policy: BudgetPolicy? = nil, evaluates: Bool = true, servesModels: Bool = true,
        sharesDownloads: Bool = false, workers: Int = 1, start: WallTime = WallTime(milliseconds: 1_750_000_000_000), timeLimit: Duration = .seconds(86_400),
        observe: @escaping @Sendable (NodeID, NodeProgress) -> Void = { _, _ in },
        onPublished: (@Sendable (ModelReference, [Float]) async throws -> Void)? = nil,
        logger: Logger = Logger(label: "simulation") { _ in SwiftLogNoOpLogHandler() }
    ) {
        self.noise = noise
        self.policy = policy
        precondition(workers >= 1, "at least one worker")
        self.evaluates = evaluates
        self.servesModels = servesModels
        self.sharesDownloads = sharesDownloads
        self.workers = workers
        self.start = start
        self.timeLimit = timeLimit
        self.observe = observe
        self.onPublished = onPublished
        self.logger = logger
    }
}

extension Simulation {
    /// Runs the plan to its end.
    /// - Throws: ``SimulationError``; `FederationError` for a plan that breaks a rule; the first error that ended a coordinator or node.
    public func run() async throws -> SimulationResult {
        try check()
        let clock = VirtualClock(start: settings.start, end: settings.start + settings.timeLimit)
        return try await withTaskExecutorPreference(clock.executor) {
            try await withThrowingTaskGroup(of: SimulationResult.self) { tasks in
                defer { tasks.cancelAll() }
                tasks.addTask { try await attend(clock) }
                tasks.addTask {
                    switch await clock.stall() {
                    case .everybodyWaits: throw SimulationError(.stalled, "The simulation stands still: everybody waits, and nobody for the clock.")
                    case nil: throw CancellationError()
                    case .endOfTime:
                        throw SimulationError(
                            .timeLimit,
                            "The plan was not over after \(settings.timeLimit) of virtual time; does it need more nodes than there are silos, or more updates than the faults let through?")
                    }
                }
                let result = await tasks.nextResult()
                // Also after an error, so that nobody watches a clock that stands still.
                await clock.stop()
                guard let result else { throw CancellationError() }
                return try result.get()
            }
        }
    }

    private func check() throws {
        try plan.validate()
        guard plan.catalog == CatalogReference(catalog) else {
            throw SimulationError(.invalidSetup, "The plan was made for another catalog; set `plan.catalog = CatalogReference(catalog)`.")
        }
        guard !silos.isEmpty, Set(silos.map(\.node)).count == silos.count else {
            throw SimulationError(.invalidSetup, "A simulation needs at least one silo, each under its own name.")
        }
    }

    private var policy: BudgetPolicy {
        if let policy = settings.policy { return policy }
        let mechanism = plan.privacy.mechanism
        return BudgetPolicy(
            epsilon: mechanism?.epsilon ?? 1, delta: mechanism?.delta ?? 1e-6, minimumUsers: 1, allowedModes: Set(PrivacyModeName.allCases))
    }

    /// The coordinator's storage, which passes published models on.
    private func publishing(on executor: SimulationComputeExecutor?) throws -> InMemoryCoordinatorStorage {
        guard let onPublished = settings.onPublished else { return InMemoryCoordinatorStorage() }
        let (digest, layout, optimizer) = (plan.digest, try plan.recommender().layout, plan.serverOptimizer)
        return InMemoryCoordinatorStorage { model, bytes in
            let version = try ModelVersion(encoded: bytes, layout: layout, optimizer: optimizer, plan: digest)
            try await withTaskExecutorPreference(executor) { try await onPublished(model, version.parameters) }
        }
    }

    /// Every silo's aggregation key, with a plan of mode `distributed`; each silo is an organisation of its own.
    private func registerKeys(in storage: InMemoryCoordinatorStorage, from entropy: any EntropySource) async throws -> [NodeID: SigningKey] {
        guard plan.privacy.aggregation != nil else { return [:] }
        var keys: [NodeID: SigningKey] = [:]
        for node in silos.map(\.node).sorted() {
            let key = try SigningKey(from: entropy, for: EntropyPurpose(path: ["aggregation key", node.name]))
            await storage.registerAggregationKey(key.publicKey, of: node, organisation: node.name)
            keys[node] = key
        }
        return keys
    }

    private func attend(_ clock: VirtualClock) async throws -> SimulationResult {
        let noise = settings.noise ?? SeededNoiseSource(seed: seed)
        let schedule = FaultSchedule(plan: faults, seed: seed)
        let computeExecutor = settings.workers > 1 ? SimulationComputeExecutor(clock.executor) : nil
        let storage = try publishing(on: computeExecutor)
        _ = await storage.store(catalog.encoded())
        let encodedPlan = plan.encoded()
        let entropy = SeededEntropySource(seed: seed)
        let keys = try await registerKeys(in: storage, from: entropy)
        try await storage.requestPlan(encodedPlan, at: clock.now)
        let host = CoordinatorHost(storage: storage, schedule: schedule, clock: clock, noise: noise, logger: settings.logger)
        let (progress, progressContinuation) = AsyncStream<TrainedUsers>.makeStream()

        let downloads = settings.sharesDownloads ? SharedDownloads() : nil
        let options = NodeOptions(
            workers: silos.count >= settings.workers ? 1 : settings.workers, untilPlanEnds: true, evaluates: settings.evaluates,
            servesModels: settings.servesModels)
        var nodes: [(node: SimulatedNode, storage: any NodeStorage)] = []
        for silo in silos.sorted(by: { $0.node < $1.node }) {
            let storage = InMemoryNodeStorage(sharing: downloads)
            _ = try await storage.importEvents(silo.events, from: ImportSource(fileName: silo.node.name, digest: Digest(of: silo.node.name.utf8)))
            let node = SimulatedNode(
                node: silo.node, storage: storage, host: host, schedule: schedule, clock: clock, noise: noise, aggregationKey: keys[silo.node], entropy: entropy,
                policy: policy,
                options: options, computeExecutor: computeExecutor,
                observe: { node, event in
                    if case .trained(let round, let loss?, _, let users) = event { progressContinuation.yield(TrainedUsers(round: round, node: node, loss: loss, users: users)) }
                    settings.observe(node, event)
                }, logger: settings.logger)
            nodes.append((node, storage))
        }
        let ends = try await withThrowingTaskGroup(of: (NodeID, RunEnd)?.self) { tasks in
            defer { tasks.cancelAll() }
            tasks.addTask {
                try await host.run()
                return nil
            }
            for (node, _) in nodes { tasks.addTask { (node.node, try await node.run()) } }
            var ends: [NodeID: RunEnd] = [:]
            while ends.count < nodes.count {
                guard let next = try await tasks.next() else { break }
                if let (node, end) = next { ends[node] = end }
            }
            return ends
        }
        progressContinuation.finish()
        var trained: [TrainedUsers] = []
        for await event in progress { trained.append(event) }
        var reports: [SimulatedNodeReport] = []
        for (node, storage) in nodes {
            reports.append(
                SimulatedNodeReport(
                    node: node.node, end: ends[node.node] ?? .stopped, ledger: LedgerBalance(try await storage.ledgerEntries()), reports: try await storage.reports()))
        }
        return try await result(of: storage, plan: Digest(of: encodedPlan), nodes: reports, trained: trained, starts: host.starts, time: clock.now - settings.start)
    }
}

/// A node's training of one round, as the owner of all silos may see it.
struct TrainedUsers: Sendable {
    var round: RoundNumber
    var node: NodeID
    var loss: Double
    var users: Int
}
