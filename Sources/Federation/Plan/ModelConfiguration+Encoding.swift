import RecommenderModels

extension ModelConfiguration {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .gru4rec(let model):
            writer.append(UInt8(0))
            model.encode(into: &writer)
        case .bprMF(let model):
            // A plan without the exponent, which came later, keeps the bytes it always had.
            writer.append(UInt8(model.negativeExponent == 0 ? 1 : 33))
            writer.append(count: model.dimension)
            writer.append(model.regularization)
            writer.append(count: model.foldInSteps)
            if model.negativeExponent != 0 { writer.append(model.negativeExponent) }
        case .ials(let model): model.encode(into: &writer, tag: 30)
        case .ialsStatistics(let model): model.encode(into: &writer, tag: 31)
        case .item2Vec(let model): model.encode(into: &writer, tag: 32)
        case .sasRec(let model):
            // A plan whose residual path carries inputs and that compares with all items, once the only way, keeps the bytes it always had.
            writer.append(UInt8((model.residual == .inputs ? 2 : 34) + (model.leavesOutMet ? 1 : 0)))
            model.encode(into: &writer)
        case .ease(let model): model.encode(into: &writer)
        case .itemKNN(let model): model.encode(into: &writer)
        case .itemTransitions(let model): model.encode(into: &writer)
        case .pureSVD(let model): model.encode(into: &writer)
        case .nmf(let model): model.encode(into: &writer)
        case .lightGCN(let model): model.encode(into: &writer)
        case .lstm(let model): writer.append(UInt8(10)); model.encode(into: &writer)
        case .caser(let model): writer.append(UInt8(11)); model.encode(into: &writer)
        case .bert4rec(let model): writer.append(UInt8(12)); model.encode(into: &writer)
        }
    }

    init(from reader: inout ByteReader) throws {
        let tag = try reader.integer(UInt8.self, "model")
        switch tag {
        case 0: self = .gru4rec(try GRU4RecConfiguration(from: &reader))
        case 1, 33:
            var model = BPRMFConfiguration(
                dimension: try reader.count("model.dimension"), regularization: try reader.float("model.regularization"),
                foldInSteps: try reader.count("model.foldInSteps"))
            if tag == 33 {
                model.negativeExponent = try reader.float("model.negativeExponent")
                guard model.negativeExponent != 0 else { throw reader.problem("model.negativeExponent", "is 0, which another tag says") }
            }
            self = .bprMF(model)
        case 30: self = .ials(try IALSConfiguration(from: &reader))
        case 31: self = .ialsStatistics(try IALSConfiguration(from: &reader))
        case 32: self = .item2Vec(try Item2VecConfiguration(from: &reader))
        case 2, 3, 34, 35:
            var model = try SASRecConfiguration(from: &reader)
            model.residual = tag < 34 ? .inputs : .normalized
            model.leavesOutMet = tag == 3 || tag == 35
            self = .sasRec(model)
        case EASEConfiguration.tag: self = .ease(try EASEConfiguration(from: &reader))
        case ItemTransitionsConfiguration.tag: self = .itemTransitions(try ItemTransitionsConfiguration(from: &reader))
        case ItemKNNConfiguration.tag: self = .itemKNN(try ItemKNNConfiguration(from: &reader))
        case PureSVDConfiguration.tag: self = .pureSVD(try PureSVDConfiguration(from: &reader))
        case NMFConfiguration.tag: self = .nmf(try NMFConfiguration(from: &reader))
        case LightGCNConfiguration.tag: self = .lightGCN(try LightGCNConfiguration(from: &reader))
        case 10: self = .lstm(try LSTMConfiguration(from: &reader))
        case 11: self = .caser(try CaserConfiguration(from: &reader))
        case 12: self = .bert4rec(try BERT4RecConfiguration(from: &reader))
        default: throw reader.problem("model", "is unknown")
        }
    }
}

extension SequenceLoss {
    func encode(into writer: inout ByteWriter) {
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
        case .binaryCrossEntropy(let negatives, let shared):
            writer.append(UInt8(3))
            writer.append(count: negatives)
            writer.append(shared)
        case .generalizedBCE(let negatives, let calibration, let shared):
            writer.append(UInt8(4))
            writer.append(count: negatives)
            writer.append(calibration)
            writer.append(shared)
        case .bpr(let negatives, let shared):
            writer.append(UInt8(5))
            writer.append(count: negatives)
            writer.append(shared)
        }
    }
    init(from reader: inout ByteReader) throws {
        switch try reader.integer(UInt8.self, "model.loss") {
        case 0: self = .crossEntropy
        case 1: self = .sampledSoftmax(negatives: try reader.count("model.negatives"), logQ: try reader.bool("model.logQ"))
        case 2: self = .bprMax(negatives: try reader.count("model.negatives"), regularization: try reader.float("model.regularization"))
        case 3: self = .binaryCrossEntropy(negatives: try reader.count("model.negatives"), shared: try reader.bool("model.sharedNegatives"))
        case 4:
            self = .generalizedBCE(
                negatives: try reader.count("model.negatives"), calibration: try reader.float("model.calibration"),
                shared: try reader.bool("model.sharedNegatives"))
        case 5: self = .bpr(negatives: try reader.count("model.negatives"), shared: try reader.bool("model.sharedNegatives"))
        default: throw reader.problem("model.loss", "is unknown")
        }
    }
}
