import AllocationCounting
import DifferentialPrivacy
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors
import Testing

/// Allocations of the calling thread, counted by the executable's own malloc. Whatever a loop needs it takes in its first rounds; from then
/// on rounds take nothing.
@Suite struct AllocationTests {
    static let itemCount = 300

    static func sasRec(_ loss: SequenceLoss, dropout: Float = 0.2) -> ModelConfiguration {
        .sasRec(SASRecConfiguration(
            dimension: 16, blocks: 2, heads: 2, maximumLength: 20, embeddingDropout: dropout, attentionDropout: dropout,
            hiddenDropout: dropout, loss: loss))
    }

    /// Widths are multiples of 16: OpenBLAS takes memory of its own for small products of others.
    static let models: [ModelConfiguration] = [
        sasRec(.binaryCrossEntropy(negatives: 1, shared: false)), sasRec(.crossEntropy, dropout: 0),
        sasRec(.sampledSoftmax(negatives: 8, logQ: true)),
        .gru4rec(GRU4RecConfiguration(
            embeddingDimension: 16, hiddenDimension: 32, layers: 2, embeddingDropout: 0.2, hiddenDropout: 0.2,
            loss: .binaryCrossEntropy(negatives: 2, shared: false))),
        .lstm(LSTMConfiguration(
            embeddingDimension: 16, hiddenDimension: 12, layers: 2, tiedEmbeddings: false, loss: .sampledSoftmax(negatives: 8, logQ: true))),
        .caser(CaserConfiguration(
            dimension: 16, window: 5, horizontalFilters: 4, verticalFilters: 2, dropout: 0.2, loss: .binaryCrossEntropy(negatives: 1, shared: false))),
    ]

    static func events(_ user: Int) -> ArraySlice<Int32> {
        (0..<(30 + user % 60)).map { Int32((user * 31 + $0 * (1 + user % 7)) % itemCount) }[...]
    }

    @Test("The count sees an array")
    func counts() {
        let before = tributary_allocations()
        let array = [Int](repeating: Int(before), count: 1000)
        #expect(tributary_allocations() > before, "nothing is counted on this platform")
        #expect(array.count == 1000)
    }

    @Test("Gradients of one batch after the other take no memory", arguments: models)
    func gradients(configuration: ModelConfiguration) throws {
        let model = try configuration.recommender(itemCount: Self.itemCount)
        let parameters = model.initialParameters(RandomStream(seed: 1))
        let sequences = (0..<32).map { Self.events($0).suffix(21) }
        let negatives = (0..<model.sharedNegatives).map { Int32($0 * 3) }
        let stream = RandomStream(seed: 2)
        var gradient = GradientBuffer(model)
        var scratch = ScratchMemory()
        func step(_ index: Int) {
            _ = model.accumulateGradient(
                parameters, sequences: sequences, negatives: negatives, stream: stream.child(index), weight: 0.01, into: &gradient,
                scratch: &scratch)
            gradient.reset()
        }
        // Own negatives differ from step to step: the list of touched rows may still grow.
        for index in 0..<50 { step(index) }
        let before = tributary_allocations()
        for index in 50..<100 { step(index) }
        #expect(tributary_allocations() - before <= 1)
    }

    @Test("Users trained one after the other take no memory", arguments: models, [1, 8])
    func users(configuration: ModelConfiguration, batchSize: Int) throws {
        let training = TrainingConfiguration(
            unit: .perUser, optimizer: .sgd(learningRate: 0.1, momentum: 0), batchSize: batchSize, maximumLength: 20, maximumWindows: 8)
        let trainer = try LocalTrainer(model: configuration, training: training, itemCount: Self.itemCount, workers: 1)
        let quantizer = try UserQuantizer(bound: .clip(1), scale: 0x1p16, dimension: trainer.model.layout.count)
        var users = UserTrainer(
            trainer, trainer.model.initialParameters(RandomStream(seed: 1)), stream: RandomStream(seed: 2), quantizer: quantizer)
        let histories = (0..<200).map(Self.events)
        for user in 0..<100 { try users.train(histories[user]) }
        let before = tributary_allocations()
        for user in 100..<200 { try users.train(histories[user]) }
        #expect(tributary_allocations() - before <= 1)
        #expect(users.sum.contributingUsers == 200)
    }

    @Test(
        "Batches of a silo take no memory, step of the optimiser included", arguments: models,
        [LocalOptimizer.adam(learningRate: 0.01), .sgd(learningRate: 0.1, momentum: 0.9)])
    func batches(configuration: ModelConfiguration, optimizer: LocalOptimizer) throws {
        let model = try configuration.recommender(itemCount: Self.itemCount)
        var parameters = model.initialParameters(RandomStream(seed: 1))
        var gradients = BatchGradients(model, workers: 1)
        var optimizer = OptimizerState(optimizer, model)
        let negatives = (0..<model.sharedNegatives).map { Int32($0 * 3) }
        // Several pieces, of sequences of different lengths.
        let batch = (0..<70).map { Self.events($0).suffix(5 + $0 % 17) }
        let stream = RandomStream(seed: 2)
        func step(_ index: Int) {
            _ = gradients.add(parameters, batch, negatives: negatives, stream: stream.child(index))
            optimizer.step(&parameters, along: gradients.sum)
            gradients.clear()
        }
        for index in 0..<50 { step(index) }
        let before = tributary_allocations()
        for index in 50..<100 { step(index) }
        #expect(tributary_allocations() - before <= 1)
    }
}
