import EdgeRuntime
import Federation
import Interactions
import RecommenderModels
import SeededRandom
import Simulator
import Testing

@Suite("Answers of a served model") struct ServingTests {
    static let models: [ModelConfiguration] = [
        .bprMF(BPRMFConfiguration(dimension: 4)), .gru4rec(GRU4RecConfiguration(embeddingDimension: 4, hiddenDimension: 4)),
    ]

    private func engine(_ model: ModelConfiguration) throws -> (engine: RecommendationEngine, recommender: any Recommender, parameters: [Float]) {
        let catalog = try SmallFederation.catalog()
        let recommender = try model.recommender(itemCount: catalog.count)
        let parameters = recommender.initialParameters(RandomStream(seed: 4)).map { $0 * 3 }
        let reference = ModelReference(round: 5, digest: Digest(of: [1]), byteCount: 1)
        return (
            RecommendationEngine(plan: Digest(of: [2]), model: reference, catalog: catalog, recommender: recommender, parameters: parameters),
            recommender, parameters
        )
    }

    @Test("rank as the model scores, whether it has item vectors or not", arguments: models)
    func ranking(model: ModelConfiguration) async throws {
        let (engine, recommender, parameters) = try engine(model)
        let history: [Int32] = [3, 7, 1]
        let scores = recommender.scores(parameters, histories: [history[...]])
        let expected = scores.indices.filter { !history.contains(Int32($0)) }.sorted { scores[$0] > scores[$1] }
        let answer = await engine.recommend(for: history.map { "item-\($0)" }, count: 5)
        #expect(answer.items.map(\.item) == expected.prefix(5).map { "item-\($0)" })
        #expect(zip(answer.items, expected).allSatisfy { abs($0.score - scores[$1]) < 1e-4 })
    }

    @Test("An empty history gets what the model expects of anybody", arguments: models)
    func emptyHistory(model: ModelConfiguration) async throws {
        let answer = await (try engine(model)).engine.recommend(for: [String](), count: 3, explains: true)
        #expect(answer.items.count == 3 && answer.knownEvents == 0 && answer.items.allSatisfy { $0.score.isFinite && $0.because == nil })
    }

    @Test("A history longer than the model reads counts by its end", arguments: models)
    func longHistory(model: ModelConfiguration) async throws {
        let (engine, _, _) = try engine(model)
        let recent = (0..<1000).map { "item-\(($0 * 7) % 5)" }
        let long = (0..<5000).map { "item-\($0 % 5)" } + recent
        let answer = await engine.recommend(for: long, count: 5, explains: true)
        let end = await engine.recommend(for: recent, count: 5, explains: true)
        // Reasons may differ: without one of the events read, an older one is.
        #expect(answer.items.map(\.item) == end.items.map(\.item) && answer.items.map(\.score) == end.items.map(\.score))
        #expect(answer.knownEvents == 6000)
    }

    @Test("More than there are gives all that there are, and nothing when all were met", arguments: models)
    func largeCount(model: ModelConfiguration) async throws {
        let (engine, _, _) = try engine(model)
        #expect(await engine.recommend(for: ["item-1"], count: 1000).items.count == 11)
        #expect(await engine.recommend(for: ["item-1"], count: 1000, keepsSeen: true).items.count == 12)
        #expect(await engine.recommend(for: (0..<12).map { "item-\($0)" }, count: 3).items.isEmpty)
    }

    @Test("Items that the catalog lacks are passed over and counted", arguments: models)
    func unknownItems(model: ModelConfiguration) async throws {
        let (engine, _, _) = try engine(model)
        let answer = await engine.recommend(for: ["nothing", "item-3", "void"], count: 3)
        let alone = await engine.recommend(for: ["item-3"], count: 3)
        #expect(answer.unknownEvents == 2 && answer.items == alone.items)
    }

    @Test("Many histories get the answers they get alone", arguments: models)
    func batches(model: ModelConfiguration) async throws {
        let (engine, _, _) = try engine(model)
        let histories = (0..<150).map { user in (0..<user % 9).map { "item-\(($0 * 5 + user) % 12)" } }
        let together = await engine.recommend(for: histories, count: 4, explains: true)
        for (history, answer) in zip(histories, together) {
            let alone = await engine.recommend(for: history, count: 4, explains: true)
            #expect(answer.items.map(\.item) == alone.items.map(\.item))
            #expect(zip(answer.items, alone.items).allSatisfy { abs($0.score - $1.score) < 1e-5 })
        }
    }

    @Test("A count out of range, an unknown user and a missing model are errors that say what to do")
    func errors() async throws {
        let desk = RecommendationDesk(storage: try await SmallFederation.storage(), shelf: ModelShelf(engine: try engine(Self.models[0]).engine), clock: ImpatientClock())
        for count in [0, -1, 1001] {
            await #expect { try await desk.recommend(history: [], count: count) } throws: { ($0 as? FederationError)?.code == .invalidArgument }
        }
        await #expect { try await desk.recommend(user: "nobody", count: 1) } throws: { ($0 as? FederationError)?.code == .notFound }
        await #expect { try await desk.recommend(histories: [[String]](repeating: [], count: 1001), count: 1) } throws: {
            ($0 as? FederationError)?.code == .invalidArgument
        }
        let many = try await desk.recommend(users: ["person-1", "nobody", "person-2"], count: 2)
        #expect(many.map { $0?.items.count } == [2, nil, 2])
        let waiting = RecommendationDesk(storage: try await SmallFederation.storage(), shelf: ModelShelf(), clock: ImpatientClock())
        await #expect { try await waiting.recommend(history: [], count: 1) } throws: { ($0 as? FederationError)?.code == .failedPrecondition }
    }

    @Test("A graph of neighbours finds nearly what the exact search finds")
    func graph() async throws {
        let exact = try await ServedWorld(ServedWorld.models[1], epochs: 2)
        let graph = try await ServedWorld(ServedWorld.models[1], epochs: 2, index: .hnsw(HNSWConfiguration()))
        let truth = await exact.engine.recommend(for: exact.histories, count: 10)
        let found = await graph.engine.recommend(for: exact.histories, count: 10)
        let hits = zip(truth, found).reduce(0) { $0 + Set($1.0.items.map(\.item)).intersection($1.1.items.map(\.item)).count }
        #expect(Double(hits) >= 0.95 * Double(10 * truth.count))
    }
}
