import DifferentialPrivacy
import Interactions
import LocalTraining
import RecommenderModels
import SeededRandom
import Tensors

/// Small models, users and trainers.
enum Fixtures {
    static let itemCount = 23

    static func gru(_ loss: SequenceLoss, tied: Bool = true, dropout: Float = 0.2) -> ModelConfiguration {
        .gru4rec(GRU4RecConfiguration(
            embeddingDimension: 6, hiddenDimension: 8, tiedEmbeddings: tied, embeddingDropout: dropout, hiddenDropout: dropout, loss: loss))
    }

    static let models: [ModelConfiguration] = [
        gru(.crossEntropy), gru(.sampledSoftmax(negatives: 4, logQ: true), tied: false), gru(.bprMax(negatives: 8, regularization: 0.1)),
        .bprMF(BPRMFConfiguration(dimension: 5, foldInSteps: 5)),
        .lstm(LSTMConfiguration(embeddingDimension: 6, hiddenDimension: 8, embeddingDropout: 0.2, hiddenDropout: 0.2)),
        .bert4rec(BERT4RecConfiguration(dimension: 6, maximumLength: 10, feedForwardDimension: 6, maskProbability: 0.4)),
        .caser(CaserConfiguration(dimension: 6, window: 4, horizontalFilters: 4, verticalFilters: 2, dropout: 0.2)),
        .ials(IALSConfiguration(dimension: 5)), .item2Vec(Item2VecConfiguration(dimension: 5, window: 3, negatives: 2)),
    ]
    /// Those that pooled training takes gradient steps with; the others have passes of their own.
    static let gradientModels = models.filter { model in
        switch model {
        case .bprMF, .ials, .item2Vec: false
        default: true
        }
    }
    static let optimizers: [LocalOptimizer] = [
        .sgd(learningRate: 1, momentum: 0), .sgd(learningRate: 1, momentum: 0.5), .adagrad(learningRate: 0.03), .adam(learningRate: 0.01),
    ]

    /// Users who walk upwards through the items, each from another item with another stride.
    static func users(_ count: Int) -> UserSequences {
        UserSequences((0..<count).map { user in
            let length = 2 + (user * 7) % 40
            return (0..<length).map { Int32((user + $0 * (1 + user % 2)) % itemCount) }
        })
    }

    static func trainer(
        _ model: ModelConfiguration, unit: TrainingConfiguration.Unit, optimizer: LocalOptimizer = .adam(learningRate: 0.01),
        epochs: Int = 2, batchSize: Int = 40, workers: Int = 2, minimumEvents: Int = 2
    ) throws -> LocalTrainer {
        let training = TrainingConfiguration(
            unit: unit, optimizer: optimizer, epochs: epochs, batchSize: batchSize, maximumLength: 10, maximumWindows: 3,
            minimumEvents: minimumEvents)
        return try LocalTrainer(model: model, training: training, itemCount: itemCount, workers: workers)
    }

    static let stream = RandomStream(seed: 11, "training")

    static func quantizer(_ trainer: LocalTrainer, clip: Double = 1) throws -> UserQuantizer {
        try UserQuantizer(bound: .clip(clip), scale: 0x1p16, dimension: trainer.model.layout.count)
    }
}
