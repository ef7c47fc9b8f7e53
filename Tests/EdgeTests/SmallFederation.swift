import DifferentialPrivacy
import EdgeRuntime
import Federation
import Interactions
import LocalTraining
import RecommenderModels
import Simulator

/// A catalog of 12 items, 30 users who walk through it, and plans over them.
enum SmallFederation {
    static let node = NodeID("berlin")!

    static func catalog() throws -> Catalog {
        try Catalog(items: (0..<12).map { CatalogItem(id: "item-\($0)", title: "Item number \($0)") })
    }

    static func events(users: Int = 30) -> [NodeEvent] {
        (0..<users).flatMap { user in
            (0..<8).map { step in
                NodeEvent(user: "person-\(user)", item: "item-\((user * 5 + step * (1 + user % 3)) % 12)", time: Int64(1000 * user + step))
            }
        }
    }

    static func plan(_ privacy: PrivacyPlan.Mode, unit: TrainingConfiguration.Unit = .perUser, attempts: Int = 4) throws -> Plan {
        let catalog = try catalog()
        return Plan(
            name: "test", seed: 7, catalog: CatalogReference(digest: Digest(of: catalog.encoded()), itemCount: catalog.count),
            model: .gru4rec(GRU4RecConfiguration(embeddingDimension: 4, hiddenDimension: 4)),
            training: TrainingConfiguration(unit: unit, optimizer: .sgd(learningRate: 0.1, momentum: 0), batchSize: 8, maximumLength: 8),
            privacy: PrivacyPlan(mode: privacy, grid: GridPlan(scale: 0x1p20, modulusBits: 64)), serverOptimizer: .fedAvg(learningRate: 1),
            selection: SelectionPlan(), rounds: 2, maximumAttempts: attempts)
    }

    static let off = PrivacyPlan.Mode.off(range: 1000)
    /// Costs about ε = 4 over four attempts.
    static let local = PrivacyPlan.Mode.local(GaussianMechanism(clip: 1, noiseMultiplier: 3, epsilon: 4, delta: 1e-5))

    static func storage() async throws -> InMemoryNodeStorage {
        let storage = InMemoryNodeStorage()
        _ = try await storage.importEvents(events(), from: ImportSource(fileName: "events", digest: Digest(of: [1])))
        return storage
    }

    static let everything = BudgetPolicy(minimumUsers: 5, allowedModes: [.local, .off])
}

/// A coordinator of one node that runs one plan from a script: so many rounds, each from the initial model.
actor ScriptedCoordinator: CoordinatorPort {
    let plan: Plan
    let digest: Digest
    private let catalog: [UInt8]
    private let model: [UInt8]
    private let reference: ModelReference
    private let rounds: ClosedRange<Int>
    private var settled: Set<Int> = []
    private var held: [Digest: [UInt8]] = [:]

    private(set) var joined: [JoinDeclaration] = []
    private(set) var accepted: [(header: UpdateHeader, payload: [UInt8])] = []
    private(set) var declined: [(round: Int, reason: DeclineReason)] = []
    /// Answers `unavailable` to so many requests first.
    private var failures: Int
    /// Cuts the upload after its first piece, once.
    private var cutsUpload: Bool
    private let rejection: RejectionReason?
    /// The furthest head of the node's ledger that was shown, or what the test says was.
    private(set) var remembered: LedgerHead?

    init(_ plan: Plan, rounds: ClosedRange<Int> = 1...1, failures: Int = 0, cutsUpload: Bool = false, rejection: RejectionReason? = nil, remembered: LedgerHead? = nil) throws {
        self.remembered = remembered
        self.plan = plan
        self.rounds = rounds
        self.failures = failures
        self.cutsUpload = cutsUpload
        self.rejection = rejection
        digest = plan.digest
        catalog = try SmallFederation.catalog().encoded()
        let recommender = try plan.recommender()
        model = ModelVersion(initialFor: plan, recommender: recommender).encoded(layout: recommender.layout)
        reference = ModelReference(round: 0, digest: Digest(of: model), byteCount: model.count)
    }

    private func failIfAsked() throws {
        guard failures > 0 else { return }
        failures -= 1
        throw FederationError(.unavailable, "nobody there")
    }

    func currentPlan() throws -> PlanOffer? {
        try failIfAsked()
        return PlanOffer(encodedPlan: plan.encoded(), catalogByteCount: catalog.count)
    }
    func join(_ declaration: JoinDeclaration) { joined.append(declaration) }

    func nextAssignment(_ poll: AssignmentPoll) -> Assignment {
        if let head = poll.ledger, head.count > remembered?.count ?? 0, remembered == nil || poll.verifiedLedger == remembered { remembered = head }
        let next = rounds.first { !settled.contains($0) }
        let work: Assignment.Work =
            if let next { .train(RoundAssignment(round: RoundNumber(next), model: reference, timeLeft: .seconds(60))) } else { .planEnded }
        return Assignment(work: work, newestModel: reference, incarnation: 1, rememberedLedger: remembered)
    }

    func download(_ wanted: Digest, from offset: Int, deliver: @Sendable ([UInt8]) async throws -> Void) async throws {
        let bytes = wanted == reference.digest ? model : catalog
        for start in stride(from: offset, to: bytes.count, by: 100) { try await deliver(Array(bytes[start..<min(start + 100, bytes.count)])) }
    }

    func uploadStatus(of header: UpdateHeader) -> UploadStatus {
        if accepted.contains(where: { $0.header.payload == header.payload }) { return .accepted }
        return .incomplete(offset: held[header.payload]?.count ?? 0)
    }

    func upload(_ header: UpdateHeader, from offset: Int, source: any UpdateSource) async throws -> UploadStatus {
        var position = offset
        while true {
            let piece = try await source.read(at: position, maximumCount: 1 << 20)
            if piece.isEmpty { break }
            held[header.payload, default: []].append(contentsOf: piece)
            position += piece.count
            if cutsUpload {
                cutsUpload = false
                throw FederationError(.unavailable, "the line was cut")
            }
        }
        settled.insert(header.round.value)
        if let rejection { return .rejected(rejection) }
        accepted.append((header, held[header.payload] ?? []))
        return .accepted
    }

    func exchange(_ exchange: AggregationExchange) -> AggregationMail { AggregationMail(messages: [], isOver: true) }

    func decline(_ round: RoundNumber, of plan: Digest, reason: DeclineReason) {
        declined.append((round.value, reason))
        settled.insert(round.value)
    }
}

/// A clock that does not wait, and ends a node that goes round in circles.
struct ImpatientClock: FederationClock {
    private let sleeps = SleepCounter()
    var now: WallTime { WallTime(milliseconds: 1_000_000) }
    func sleep(until time: WallTime) async throws {
        try Task.checkCancellation()
        guard await sleeps.next() < 200 else { throw NodeFault() }
    }
}

private actor SleepCounter {
    private var count = 0
    func next() -> Int {
        count += 1
        return count
    }
}
