import RecommenderModels

extension IALSConfiguration {
    func encode(into writer: inout ByteWriter, tag: UInt8) {
        writer.append(tag)
        writer.append(count: dimension)
        for value in [regularization, regularizationExponent, unobservedWeight] { writer.append(value) }
        writer.append(count: solverSteps)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), regularization: try reader.float("model.regularization"),
            regularizationExponent: try reader.float("model.regularizationExponent"),
            unobservedWeight: try reader.float("model.unobservedWeight"), solverSteps: try reader.count("model.solverSteps"))
    }
}

extension Item2VecConfiguration {
    func encode(into writer: inout ByteWriter, tag: UInt8) {
        writer.append(tag)
        for value in [dimension, window, negatives] { writer.append(count: value) }
        for value in [negativeExponent, subsampling] { writer.append(value) }
        writer.append(directed)
        writer.append(scoring == .outputs)
        writer.append(recency)
    }

    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), window: try reader.count("model.window"),
            negatives: try reader.count("model.negatives"), negativeExponent: try reader.float("model.negativeExponent"),
            subsampling: try reader.float("model.subsampling"), directed: try reader.bool("model.directed"), scoring: try reader.bool("model.scoring") ? .outputs : .inputs,
            recency: try reader.float("model.recency"))
    }
}
