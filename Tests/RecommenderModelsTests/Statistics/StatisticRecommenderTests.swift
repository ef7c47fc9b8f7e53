import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct StatisticRecommenderTests {
    static let configurations: [ModelConfiguration] = [
        .ease(EASEConfiguration()), .ease(EASEConfiguration(userWeight: .inverseCount)), .itemKNN(ItemKNNConfiguration(neighbours: 4)),
        .itemKNN(ItemKNNConfiguration(similarity: .euclidean, userWeight: .inverseRoot)), .pureSVD(PureSVDConfiguration(dimension: 5)),
        .nmf(NMFConfiguration(dimension: 5)),
    ]
    static let itemCount = 17
    static let users: [[Int32]] = (0..<30).map { user in (0...(user % 7)).map { Int32((user * 5 + $0 * $0) % itemCount) } }

    private func model(_ configuration: ModelConfiguration) throws -> any StatisticRecommender {
        try #require(try configuration.recommender(itemCount: Self.itemCount) as? any StatisticRecommender)
    }

    @Test("A user's statistic does not depend on order or repeats, and leaves untouched rows zero", arguments: configurations)
    func sets(configuration: ModelConfiguration) throws {
        let model = try model(configuration)
        let solution = model.solution(model.initialParameters(RandomStream(seed: 2)))
        var scratch = ScratchMemory()
        var (once, twice) = (GradientBuffer(model), GradientBuffer(model))
        model.accumulateStatistic(solution, events: [3, 9, 4], into: &once, scratch: &scratch)
        model.accumulateStatistic(solution, events: [4, 3, 3, 9, 4], into: &twice, scratch: &scratch)
        #expect(once.values == twice.values)
        var outside = once.values
        for range in once.activeRanges { for index in range { outside[index] = 0 } }
        #expect(outside.allSatisfy { $0 == 0 })
        #expect(once.values.contains { $0 != 0 })
    }

    @Test("Before the first sweep, after an empty history and under heavy noise all scores are finite", arguments: configurations)
    func finite(configuration: ModelConfiguration) throws {
        let model = try model(configuration)
        var numbers = RandomStream(seed: 5)
        let learned = model.mean(Self.users, from: model.initialParameters(RandomStream(seed: 1)))
        let noisy = learned.map { $0 + 4 * numbers.uniformFloat() - 2 }
        let negative = learned.map { _ in -1 as Float }
        for parameters in [model.initialParameters(RandomStream(seed: 1)), [Float](repeating: 0, count: model.layout.count), learned, noisy, negative] {
            let scores = model.prepared(parameters).scores(histories: [[], [0], [1, 1, 16, 3]])
            #expect(scores.count == 3 * Self.itemCount)
            #expect(scores.allSatisfy { $0.isFinite })
        }
        #expect(model.prepared(learned).scores(histories: []).isEmpty)
    }

    @Test("Vectors and queries give the scores, where a model has vectors", arguments: configurations)
    func innerProducts(configuration: ModelConfiguration) throws {
        let model = try model(configuration)
        let prepared = model.prepared(model.mean(Self.users, from: model.initialParameters(RandomStream(seed: 1))))
        let histories: [ArraySlice<Int32>] = [[2, 5], [], [11]]
        guard let items = prepared.itemVectors else { return }
        let (queries, scores) = (prepared.queries(histories: histories), prepared.scores(histories: histories))
        for row in histories.indices {
            for item in 0..<Self.itemCount {
                let product = (0..<items.width).reduce(Float(0)) { $0 + queries[row * items.width + $1] * items.vectors[item * items.width + $1] }
                #expect(abs(product - scores[row * Self.itemCount + item]) < 1e-5)
            }
        }
    }

    @Test("A user's weighted statistic of item pairs is at most 1 long", arguments: [1, 2, 9, 17])
    func naturalBound(count: Int) throws {
        let model = try model(.ease(EASEConfiguration(userWeight: .inverseCount)))
        var sum = GradientBuffer(model)
        var scratch = ScratchMemory()
        model.accumulateStatistic([], events: Array(0..<Int32(count))[...], into: &sum, scratch: &scratch)
        let norm = sum.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
        #expect(abs(norm - (Double(count + 1) / Double(2 * count)).squareRoot()) < 1e-6)
    }

    @Test("A sweep of NMF does not raise the error of the best fit")
    func sweepsImprove() throws {
        let model = try model(.nmf(NMFConfiguration(dimension: 4, regularization: 0)))
        var parameters = model.initialParameters(RandomStream(seed: 3))
        var previous = Double.infinity
        for _ in 0..<15 {
            parameters = model.mean(Self.users, from: parameters)
            let scores = model.prepared(parameters).scores(histories: Self.users.map { $0[...] })
            var error = 0.0
            for (row, user) in Self.users.enumerated() {
                for item in 0..<Self.itemCount {
                    let wanted: Float = user.contains(Int32(item)) ? 1 : 0
                    error += Double(scores[row * Self.itemCount + item] - wanted) * Double(scores[row * Self.itemCount + item] - wanted)
                }
            }
            #expect(error < previous * 1.0001)
            previous = error
        }
        // 30 users of 4 items each on average; rank 4 must explain more than half.
        #expect(previous < 60)
    }

    @Test("Values out of range and catalogs too large are refused", arguments: [
        ModelConfiguration.ease(EASEConfiguration(regularization: 0)), .itemKNN(ItemKNNConfiguration(neighbours: 0)),
        .itemKNN(ItemKNNConfiguration(shrinkage: -1)), .pureSVD(PureSVDConfiguration(dimension: 0)), .nmf(NMFConfiguration(dimension: 300)),
    ])
    func refused(configuration: ModelConfiguration) throws {
        #expect(throws: ModelError.self) { try configuration.recommender(itemCount: 10) }
        let message = #expect(throws: ModelError.self) { try ModelConfiguration.ease(EASEConfiguration()).recommender(itemCount: 20_001) }
        #expect(message?.description.contains("20000") == true)
    }
}
