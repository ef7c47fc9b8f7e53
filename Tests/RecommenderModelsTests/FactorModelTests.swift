import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// What models of item vectors have in common.
@Suite struct FactorModelTests {
    static let models: [ModelConfiguration] = [
        .bprMF(BPRMFConfiguration(dimension: 6)), .ials(IALSConfiguration(dimension: 6)), .ialsStatistics(IALSConfiguration(dimension: 6)),
        .item2Vec(Item2VecConfiguration(dimension: 6, scoring: .inputs)), .item2Vec(Item2VecConfiguration(dimension: 6, recency: 0.8)),
    ]
    static let V = 14

    static func prepared(_ configuration: ModelConfiguration) throws -> any PreparedRecommender {
        let model = try configuration.recommender(itemCount: V)
        if let model = model as? IALSStatistics {
            let solution = model.solution(model.initialParameters(RandomStream(seed: 1)))
            var sum = GradientBuffer(model)
            var scratch = ScratchMemory()
            for user in 0..<10 {
                let events = (0...user % 4 + 1).map { Int32((user + 3 * $0) % V) }
                model.accumulateStatistic(solution, events: events[...], into: &sum, scratch: &scratch)
            }
            return model.prepared(sum.values.map { $0 / 10 })
        }
        var numbers = RandomStream(seed: 4, "parameters")
        return model.prepared((0..<model.layout.count).map { _ in numbers.uniformFloat() - 0.5 })
    }

    @Test("Scores are queries times item vectors plus biases", arguments: models)
    func products(configuration: ModelConfiguration) throws {
        let prepared = try Self.prepared(configuration)
        let histories: [ArraySlice<Int32>] = [[1, 4, 4, 9], [13], [0, 2, 3]]
        let vectors = try #require(prepared.itemVectors)
        let (queries, scores) = (prepared.queries(histories: histories), prepared.scores(histories: histories))
        #expect(prepared.itemCount == Self.V && scores.count == histories.count * Self.V)
        for row in histories.indices {
            for item in 0..<Self.V {
                var score: Float = vectors.biases.isEmpty ? 0 : vectors.biases[item]
                for column in 0..<vectors.width { score += queries[row * vectors.width + column] * vectors.vectors[item * vectors.width + column] }
                #expect(abs(score - scores[row * Self.V + item]) < 1e-5)
            }
        }
        #expect(scores.contains { $0 != 0 })
    }

    @Test("An empty history has the zero query, and no history scores nothing", arguments: models)
    func empty(configuration: ModelConfiguration) throws {
        let prepared = try Self.prepared(configuration)
        #expect(prepared.queries(histories: [[]]).allSatisfy { $0 == 0 })
        #expect(prepared.scores(histories: [[]]).allSatisfy { $0.isFinite })
        #expect(prepared.scores(histories: []).isEmpty && prepared.queries(histories: []).isEmpty)
    }

    @Test("A history longer than the model reads is cut, and a new event changes the answer", arguments: models)
    func long(configuration: ModelConfiguration) throws {
        let prepared = try Self.prepared(configuration)
        let long = (0..<3000).map { Int32($0 * $0 % 7) }
        let scores = prepared.scores(histories: [long[...]])
        #expect(scores.allSatisfy { $0.isFinite })
        #expect(prepared.scores(histories: [(long + [12, 12, 12])[...]]) != scores)
    }

    @Test("Recency weighs later events more")
    func recency() throws {
        let plain = try Self.prepared(.item2Vec(Item2VecConfiguration(dimension: 6, recency: 1)))
        let recent = try Self.prepared(.item2Vec(Item2VecConfiguration(dimension: 6, recency: 0.5)))
        let (first, second) = (plain.queries(histories: [[1]]), plain.queries(histories: [[2]]))
        for column in 0..<6 {
            #expect(abs(plain.queries(histories: [[1, 2]])[column] - (first[column] + second[column]) / 2) < 1e-6)
            #expect(abs(recent.queries(histories: [[1, 2]])[column] - (first[column] / 2 + second[column]) / 1.5) < 1e-6)
        }
    }

    @Test("The gradient of iALS agrees with central differences of the loss at the solved user")
    func ialsDifferences() throws {
        let configuration = IALSConfiguration(dimension: 3, regularization: 0.1, unobservedWeight: 0.4)
        let model = try ModelConfiguration.ials(configuration).recommender(itemCount: 8)
        var numbers = RandomStream(seed: 6, "parameters")
        var parameters = (0..<model.layout.count).map { _ in 2 * numbers.uniformFloat() - 1 }
        let history: ArraySlice<Int32> = [1, 5, 6]
        var scratch = ScratchMemory()
        func loss(_ gradient: inout GradientBuffer) -> Double {
            let sum = model.accumulateGradient(
                parameters, sequences: [history], negatives: [], stream: nil, weight: 1, into: &gradient, scratch: &scratch)
            // At the optimum of the user's part the user's vector may be taken as fixed; that part includes the user's own ridge.
            let user = model.prepared(parameters).queries(histories: [history])
            let ridge = 0.1 * (3 + 0.4 * 8)
            return sum.loss + ridge * user.reduce(0.0) { $0 + Double($1) * Double($1) }
        }
        var (gradient, ignored) = (GradientBuffer(model), GradientBuffer(model))
        _ = loss(&gradient)
        for index in parameters.indices {
            let value = parameters[index]
            parameters[index] = value + 0x1p-8
            let above = loss(&ignored)
            parameters[index] = value - 0x1p-8
            let below = loss(&ignored)
            parameters[index] = value
            #expect(abs(Double(gradient.values[index]) - (above - below) / 0x1p-7) < 2e-3, "parameter \(index)")
        }
    }

    @Test("The gradient of skip-grams agrees with central differences, repeated items included")
    func skipGramDifferences() throws {
        let model = try ModelConfiguration.item2Vec(Item2VecConfiguration(dimension: 3, window: 2, negatives: 3)).recommender(itemCount: 7)
        var numbers = RandomStream(seed: 6, "parameters")
        var parameters = (0..<model.layout.count).map { _ in 2 * numbers.uniformFloat() - 1 }
        let sequences: [ArraySlice<Int32>] = [[1, 2, 1, 6, 6], [3, 0], [4]]
        var scratch = ScratchMemory()
        var (gradient, ignored) = (GradientBuffer(model), GradientBuffer(model))
        func loss(_ buffer: inout GradientBuffer, weight: Float) -> LossSum {
            model.accumulateGradient(
                parameters, sequences: sequences, negatives: [], stream: RandomStream(seed: 2), weight: weight, into: &buffer, scratch: &scratch)
        }
        #expect(loss(&gradient, weight: 0.5).targets == model.targetCount(of: sequences))
        for index in parameters.indices {
            let value = parameters[index]
            parameters[index] = value + 0x1p-8
            let above = loss(&ignored, weight: 1).loss
            parameters[index] = value - 0x1p-8
            let below = loss(&ignored, weight: 1).loss
            parameters[index] = value
            #expect(abs(Double(gradient.values[index]) - 0.5 * (above - below) / 0x1p-7) < 2e-3, "parameter \(index)")
        }
    }

    @Test("Values out of range are refused", arguments: [
        ModelConfiguration.ials(IALSConfiguration(dimension: 0)), .ials(IALSConfiguration(regularization: 0)),
        .ials(IALSConfiguration(regularizationExponent: 3)), .ialsStatistics(IALSConfiguration(unobservedWeight: -1)),
        .ials(IALSConfiguration(solverSteps: 101)), .item2Vec(Item2VecConfiguration(window: 0)), .item2Vec(Item2VecConfiguration(negatives: 0)),
        .item2Vec(Item2VecConfiguration(negativeExponent: 1.5)), .item2Vec(Item2VecConfiguration(recency: 0)),
        .bprMF(BPRMFConfiguration(negativeExponent: .nan)),
    ])
    func refused(configuration: ModelConfiguration) {
        #expect(throws: ModelError.self) { try configuration.recommender(itemCount: 10) }
    }

    @Test("Statistics that are too large for the catalog are refused with the remedy")
    func tooLarge() {
        #expect(throws: ModelError.self) { try ModelConfiguration.ialsStatistics(IALSConfiguration(dimension: 512)).recommender(itemCount: 10_000) }
    }
}
