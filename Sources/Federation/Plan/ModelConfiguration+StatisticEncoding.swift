import RecommenderModels

// Models of summed statistics and of graphs; the first byte of each is its tag.

extension EASEConfiguration {
    static let tag: UInt8 = 20

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(regularization)
        userWeight.encode(into: &writer)
    }
    init(from reader: inout ByteReader) throws {
        self.init(regularization: try reader.float("model.regularization"), userWeight: try UserWeight(from: &reader))
    }
}

extension ItemKNNConfiguration {
    static let tag: UInt8 = 21

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(similarity == .euclidean)
        writer.append(count: neighbours)
        writer.append(shrinkage)
        userWeight.encode(into: &writer)
    }
    init(from reader: inout ByteReader) throws {
        self.init(
            similarity: try reader.bool("model.similarity") ? .euclidean : .cosine, neighbours: try reader.count("model.neighbours"),
            shrinkage: try reader.float("model.shrinkage"), userWeight: try UserWeight(from: &reader))
    }
}

extension ItemTransitionsConfiguration {
    static let tag: UInt8 = 25

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(direction == .forward)
        writer.append(count: window)
        writer.append(distanceExponent)
        writer.append(threshold)
        writer.append(count: recentEvents)
        writer.append(recency)
        writer.append(rowExponent)
    }
    init(from reader: inout ByteReader) throws {
        self.init(
            direction: try reader.bool("model.direction") ? .forward : .both, window: try reader.count("model.window"),
            distanceExponent: try reader.float("model.distanceExponent"), threshold: try reader.float("model.threshold"),
            recentEvents: try reader.count("model.recentEvents"), recency: try reader.float("model.recency"),
            rowExponent: try reader.float("model.rowExponent"))
    }
}

extension PureSVDConfiguration {
    static let tag: UInt8 = 22

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(count: dimension)
        userWeight.encode(into: &writer)
    }
    init(from reader: inout ByteReader) throws {
        self.init(dimension: try reader.count("model.dimension"), userWeight: try UserWeight(from: &reader))
    }
}

extension NMFConfiguration {
    static let tag: UInt8 = 23

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(count: dimension)
        writer.append(regularization)
        userWeight.encode(into: &writer)
    }
    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), regularization: try reader.float("model.regularization"),
            userWeight: try UserWeight(from: &reader))
    }
}

extension LightGCNConfiguration {
    static let tag: UInt8 = 24

    func encode(into writer: inout ByteWriter) {
        writer.append(Self.tag)
        writer.append(count: dimension)
        writer.append(count: layers)
        writer.append(regularization)
    }
    init(from reader: inout ByteReader) throws {
        self.init(
            dimension: try reader.count("model.dimension"), layers: try reader.count("model.layers"),
            regularization: try reader.float("model.regularization"))
    }
}

extension UserWeight {
    func encode(into writer: inout ByteWriter) {
        switch self {
        case .equal: writer.append(UInt8(0))
        case .inverseRoot: writer.append(UInt8(1))
        case .inverseCount: writer.append(UInt8(2))
        }
    }
    init(from reader: inout ByteReader) throws {
        switch try reader.integer(UInt8.self, "model.userWeight") {
        case 0: self = .equal
        case 1: self = .inverseRoot
        case 2: self = .inverseCount
        default: throw reader.problem("model.userWeight", "is unknown")
        }
    }
}
