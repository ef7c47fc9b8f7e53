import RecommenderModels

extension ModelConfiguration {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .gru4rec(let model):
            writer.append(UInt8(0))
            for value in [model.embeddingDimension, model.hiddenDimension, model.layers] { writer.append(count: value) }
            writer.append(model.tiedEmbeddings)
            writer.append(model.embeddingDropout)
            writer.append(model.hiddenDropout)
            model.loss.encode(into: &writer)
        case .bprMF(let model):
            writer.append(UInt8(1))
            writer.append(count: model.dimension)
            writer.append(model.regularization)
            writer.append(count: model.foldInSteps)
        }
    }

    init(from reader: inout ByteReader) throws {
        switch try reader.integer(UInt8.self, "model") {
        case 0:
            self = .gru4rec(
                GRU4RecConfiguration(
                    embeddingDimension: try reader.count("model.embeddingDimension"), hiddenDimension: try reader.count("model.hiddenDimension"),
                    layers: try reader.count("model.layers"), tiedEmbeddings: try reader.bool("model.tiedEmbeddings"),
                    embeddingDropout: try reader.float("model.embeddingDropout"), hiddenDropout: try reader.float("model.hiddenDropout"),
                    loss: try SequenceLoss(from: &reader)))
        case 1:
            self = .bprMF(
                BPRMFConfiguration(
                    dimension: try reader.count("model.dimension"), regularization: try reader.float("model.regularization"),
                    foldInSteps: try reader.count("model.foldInSteps")))
        default: throw reader.problem("model", "is unknown")
        }
    }
}

extension SequenceLoss {
    fileprivate func encode(into writer: inout ByteWriter) {
        switch self {
        case .crossEntropy:
            writer.append(UInt8(0))
        case .sampledSoftmax(let negatives, let logQ):
            writer.append(UInt8(1))
            writer.append(count: negatives)
            writer.append(logQ)
        case .bprMax(let negatives, let regularization):
            writer.append(UInt8(2))
            writer.append(count: negatives)
            writer.append(regularization)
        }
    }
    fileprivate init(from reader: inout ByteReader) throws {
        switch try reader.integer(UInt8.self, "model.loss") {
        case 0: self = .crossEntropy
        case 1: self = .sampledSoftmax(negatives: try reader.count("model.negatives"), logQ: try reader.bool("model.logQ"))
        case 2: self = .bprMax(negatives: try reader.count("model.negatives"), regularization: try reader.float("model.regularization"))
        default: throw reader.problem("model.loss", "is unknown")
        }
    }
}
