import Foundation
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// What `Golden/make_statistic_golden.py` computed in double precision.
struct StatisticGolden: Decodable {
    let items: Int
    let histories, queries: [[Int32]]
    let ease, ease_inverse_count, knn_cosine, knn_euclidean, pure_svd, nmf_start, nmf: [Double]

    static func load() throws -> StatisticGolden {
        let url = try #require(Bundle.module.url(forResource: "statistics", withExtension: "json", subdirectory: "Golden"))
        return try JSONDecoder().decode(StatisticGolden.self, from: Data(contentsOf: url))
    }
}

extension StatisticRecommender {
    /// The mean of the users' statistics.
    func mean(_ users: [[Int32]], from parameters: [Float]) -> [Float] {
        var sum = GradientBuffer(self)
        var scratch = ScratchMemory()
        let solution = solution(parameters)
        for user in users { accumulateStatistic(solution, events: user[...], into: &sum, scratch: &scratch) }
        return sum.values.map { $0 / Float(users.count) }
    }
}

@Suite struct StatisticGoldenTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let model: ModelConfiguration
        let scores: @Sendable (StatisticGolden) -> [Double]
    }

    @Test(
        "Scores are those of a double-precision solution",
        arguments: [
            Case(testDescription: "EASE", model: .ease(EASEConfiguration(regularization: 0.5))) { $0.ease },
            Case(testDescription: "EASE, users weighted", model: .ease(EASEConfiguration(regularization: 0.5, userWeight: .inverseCount))) {
                $0.ease_inverse_count
            },
            Case(testDescription: "cosine", model: .itemKNN(ItemKNNConfiguration(neighbours: 3, shrinkage: 0.2))) { $0.knn_cosine },
            Case(testDescription: "Euclidean", model: .itemKNN(ItemKNNConfiguration(similarity: .euclidean, neighbours: 3, shrinkage: 0.2))) {
                $0.knn_euclidean
            },
            Case(testDescription: "PureSVD", model: .pureSVD(PureSVDConfiguration(dimension: 4))) { $0.pure_svd },
        ])
    func closedForms(_ golden: Case) throws {
        let reference = try StatisticGolden.load()
        let model = try #require(try golden.model.recommender(itemCount: reference.items) as? any StatisticRecommender)
        let parameters = model.mean(reference.histories, from: model.initialParameters(RandomStream(seed: 1)))
        let scores = model.prepared(parameters).scores(histories: reference.queries.map { $0[...] })
        try expect(scores, near: golden.scores(reference))
    }

    @Test("NMF's sweeps are those of an active-set solver")
    func alternatingLeastSquares() throws {
        let reference = try StatisticGolden.load()
        let configuration = ModelConfiguration.nmf(NMFConfiguration(dimension: 4, regularization: 0.1))
        let model = try #require(try configuration.recommender(itemCount: reference.items) as? any StatisticRecommender)
        var parameters = model.initialParameters(RandomStream(seed: 1))
        for (index, value) in reference.nmf_start.enumerated() { parameters[index] = Float(value) }
        for _ in 0..<2 { parameters = model.mean(reference.histories, from: parameters) }
        let scores = model.prepared(parameters).scores(histories: reference.queries.map { $0[...] })
        try expect(scores, near: reference.nmf)
    }

    private func expect(_ scores: [Float], near golden: [Double]) throws {
        try #require(scores.count == golden.count)
        for (score, value) in zip(scores, golden) { #expect(abs(Double(score) - value) < 1e-4 * (1 + abs(value))) }
    }
}
