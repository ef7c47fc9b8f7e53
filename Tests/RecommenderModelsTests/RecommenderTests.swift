import RecommenderModels
import SeededRandom
import Tensors
import Testing

@Suite struct RecommenderTests {
    static let configurations: [ModelConfiguration] = [
        .gru4rec(GRU4RecConfiguration(embeddingDimension: 6, hiddenDimension: 8, layers: 2)),
        .bprMF(BPRMFConfiguration(dimension: 6)),
        .lightGCN(LightGCNConfiguration(dimension: 6)),
        .lstm(LSTMConfiguration(embeddingDimension: 6, hiddenDimension: 8, layers: 2)),
        .caser(CaserConfiguration(dimension: 6, window: 3)),
        .bert4rec(BERT4RecConfiguration(dimension: 6, maximumLength: 5)),
    ]

    @Test("Initial parameters are a function of the stream", arguments: configurations)
    func initialParameters(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: 20)
        let parameters = model.initialParameters(RandomStream(seed: 1))
        #expect(parameters.count == model.layout.count)
        #expect(parameters == model.initialParameters(RandomStream(seed: 1)))
        #expect(parameters != model.initialParameters(RandomStream(seed: 2)))
    }

    @Test("A history's scores do not depend on the histories scored with it", arguments: configurations)
    func independentScores(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: 20)
        let parameters = model.initialParameters(RandomStream(seed: 1))
        var numbers = RandomStream(seed: 4)
        let histories = (0..<150).map { index in (0..<(index % 7)).map { _ in Int32(numbers.below(20)) }[...] }
        let together = model.scores(parameters, histories: histories)
        #expect(together.count == 150 * 20)
        for (row, history) in histories.enumerated() {
            let alone = model.scores(parameters, histories: [history])
            for item in 0..<20 { #expect(abs(alone[item] - together[row * 20 + item]) < 1e-5) }
        }
    }

    @Test("Parameters come back from a file", arguments: configurations)
    func files(configuration: ModelConfiguration) throws {
        let layout = try configuration.recommender(itemCount: 20).layout
        let parameters = (0..<layout.count).map { Float($0) }
        let bytes = layout.safetensors(parameters, metadata: ["model": "test"]).encoded()
        #expect(try layout.parameters(from: Safetensors(decoding: bytes)) == parameters)
    }

    @Test("Values out of range are refused", arguments: [
        ModelConfiguration.gru4rec(GRU4RecConfiguration(embeddingDimension: 0)),
        .gru4rec(GRU4RecConfiguration(hiddenDimension: 2000)),
        .gru4rec(GRU4RecConfiguration(layers: 5)),
        .gru4rec(GRU4RecConfiguration(embeddingDropout: 1)),
        .gru4rec(GRU4RecConfiguration(hiddenDropout: .nan)),
        .gru4rec(GRU4RecConfiguration(loss: .sampledSoftmax(negatives: 0, logQ: true))),
        .gru4rec(GRU4RecConfiguration(loss: .bprMax(negatives: 3, regularization: -1))),
        .bprMF(BPRMFConfiguration(dimension: -1)),
        .bprMF(BPRMFConfiguration(foldInSteps: 0)),
        .lstm(LSTMConfiguration(layers: 5)),
        .lstm(LSTMConfiguration(loss: .sampledSoftmax(negatives: 0, logQ: true))),
        .caser(CaserConfiguration(window: 0, maximumHeight: 1)),
        .caser(CaserConfiguration(window: 4, maximumHeight: 5)),
        .caser(CaserConfiguration(dropout: 1)),
        .bert4rec(BERT4RecConfiguration(dimension: 5, heads: 2)),
        .bert4rec(BERT4RecConfiguration(maximumLength: 1)),
        .bert4rec(BERT4RecConfiguration(maskProbability: 0)),
        .bert4rec(BERT4RecConfiguration(maskProbability: 1)),
        .bert4rec(BERT4RecConfiguration(lastOnlyProbability: -1)),
    ])
    func refused(configuration: ModelConfiguration) {
        #expect(throws: ModelError.self) { try configuration.validate() }
        #expect(throws: ModelError.self) { try configuration.recommender(itemCount: 10) }
    }

    @Test("A catalog of one item is refused") func tooFewItems() {
        #expect(throws: ModelError.self) { try ModelConfiguration.bprMF(BPRMFConfiguration()).recommender(itemCount: 1) }
    }
}
