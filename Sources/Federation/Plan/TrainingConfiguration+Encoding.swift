import LocalTraining

extension TrainingConfiguration {
    func encode(into writer: inout ByteWriter) {
        switch unit {
        case .silo: writer.append(UInt8(0))
        case .perUser: writer.append(UInt8(1))
        }
        switch optimizer {
        case .sgd(let learningRate, let momentum):
            writer.append(UInt8(0))
            writer.append(learningRate)
            writer.append(momentum)
        case .adagrad(let learningRate):
            writer.append(UInt8(1))
            writer.append(learningRate)
        case .adam(let learningRate):
            writer.append(UInt8(2))
            writer.append(learningRate)
        case .adagradMomentum(let learningRate, let momentum):
            writer.append(UInt8(3))
            writer.append(learningRate)
            writer.append(momentum)
        case .adamW(let settings):
            writer.append(UInt8(4))
            for value in [settings.learningRate, settings.beta1, settings.beta2, settings.weightDecay] { writer.append(value) }
            writer.append(UInt8(settings.sparse ? 1 : 0))
        }
        for value in [epochs, batchSize, maximumLength, maximumWindows, minimumEvents] { writer.append(count: value) }
    }

    init(from reader: inout ByteReader) throws {
        let unit: Unit
        switch try reader.integer(UInt8.self, "training.unit") {
        case 0: unit = .silo
        case 1: unit = .perUser
        default: throw reader.problem("training.unit", "is unknown")
        }
        let optimizer: LocalOptimizer
        switch try reader.integer(UInt8.self, "training.optimizer") {
        case 0: optimizer = .sgd(learningRate: try reader.float("training.learningRate"), momentum: try reader.float("training.momentum"))
        case 1: optimizer = .adagrad(learningRate: try reader.float("training.learningRate"))
        case 2: optimizer = .adam(learningRate: try reader.float("training.learningRate"))
        case 3:
            optimizer = .adagradMomentum(learningRate: try reader.float("training.learningRate"), momentum: try reader.float("training.momentum"))
        case 4:
            var settings = AdamWSettings(learningRate: try reader.float("training.learningRate"))
            settings.beta1 = try reader.float("training.beta1")
            settings.beta2 = try reader.float("training.beta2")
            settings.weightDecay = try reader.float("training.weightDecay")
            settings.sparse = try reader.integer(UInt8.self, "training.sparse") != 0
            optimizer = .adamW(settings)
        default: throw reader.problem("training.optimizer", "is unknown")
        }
        self.init(
            unit: unit, optimizer: optimizer, epochs: try reader.count("training.epochs"), batchSize: try reader.count("training.batchSize"),
            maximumLength: try reader.count("training.maximumLength"), maximumWindows: try reader.count("training.maximumWindows"),
            minimumEvents: try reader.count("training.minimumEvents"))
    }
}
