import CoordinatorCore
import EdgeRuntime
import Federation
import Simulator
import StrictYAML

extension FaultPlan {
    /// Reads a file of faults; the documented example is `examples/faults.yaml`.
    /// - Throws: ``YAMLFileError`` naming line, key and what was expected.
    init(yaml text: String, fileName: String) throws(YAMLFileError) {
        var file = try StrictMapping(yaml: text, fileName: fileName)
        let latency = try file.optionalMapping("latency-ms") { keys throws(YAMLFileError) in
            let shortest = try keys.optionalInteger("shortest", in: 0...3_600_000) ?? 1
            let longest = try keys.optionalInteger("longest", in: shortest...3_600_000) ?? shortest
            return Duration.milliseconds(shortest) ... .milliseconds(longest)
        }
        let lossRate = try file.optionalNumber("loss-rate", "a number of at least 0 and below 1", where: { $0 >= 0 && $0 < 1 }) ?? 0
        let faults = try file.mappings("faults") { keys throws(YAMLFileError) in try Fault(entry: &keys) }
        try file.finish()
        self.init(latency: latency ?? FaultPlan.none.latency, lossRate: lossRate, faults: faults)
    }
}

extension Fault {
    /// One entry: a mapping with the fault's name as its only key.
    fileprivate init(entry keys: inout StrictMapping) throws(YAMLFileError) {
        var found: [Fault] = []
        if let match = try keys.optionalMapping("lost-request", read: RequestMatch.read) { found.append(.lostRequest(match)) }
        if let match = try keys.optionalMapping("lost-answer", read: RequestMatch.read) { found.append(.lostAnswer(match)) }
        let delayed = try keys.optionalMapping("delayed") { keys throws(YAMLFileError) in
            Fault.delayed(try RequestMatch.read(&keys), by: try keys.seconds("by-seconds"))
        }
        let interrupted = try keys.optionalMapping("interrupted-upload") { keys throws(YAMLFileError) in
            Fault.interruptedUpload(
                node: try keys.node("node"), round: try keys.integer("round", in: 1...1_000_000), afterBytes: try keys.integer("after-bytes", in: 0 ... .max))
        }
        let nodeCrash = try keys.optionalMapping("node-crash") { keys throws(YAMLFileError) in
            Fault.nodeCrash(
                node: try keys.node("node"), round: try keys.integer("round", in: 1...1_000_000),
                at: try keys.point("at", NodeFaultPoint.allCases), downFor: try keys.seconds("down-seconds"))
        }
        let coordinatorCrash = try keys.optionalMapping("coordinator-crash") { keys throws(YAMLFileError) in
            Fault.coordinatorCrash(
                at: try keys.point("at", FaultPoint.allCases), occurrence: try keys.optionalInteger("occurrence", in: 1...1_000_000) ?? 1,
                downFor: try keys.seconds("down-seconds"))
        }
        found += [delayed, interrupted, nodeCrash, coordinatorCrash].compactMap { $0 }
        guard found.count == 1 else { throw keys.problem("every entry of `faults` has exactly one key: the kind of fault") }
        self = found[0]
    }
}

extension RequestMatch {
    fileprivate static func read(_ keys: inout StrictMapping) throws(YAMLFileError) -> RequestMatch {
        let node: NodeID?
        if let name = try keys.optionalString("node") {
            guard let valid = NodeID(name) else { throw keys.problem("`node` must be the name of a node, not `\(name)`") }
            node = valid
        } else {
            node = nil
        }
        var kind: RequestKind?
        if let name = try keys.optionalString("request") {
            guard let known = RequestKind(rawValue: name) else {
                throw keys.problem("`request` must be one of \(RequestKind.allCases.map(\.rawValue).joined(separator: ", ")), not `\(name)`")
            }
            kind = known
        }
        return RequestMatch(node: node, kind: kind, occurrence: try keys.optionalInteger("occurrence", in: 1...1_000_000_000) ?? 1)
    }
}

extension StrictMapping {
    fileprivate mutating func node(_ key: String) throws(YAMLFileError) -> NodeID {
        let name = try string(key)
        guard let node = NodeID(name) else { throw problem("`\(key)` must be the name of a node, not `\(name)`") }
        return node
    }
    fileprivate mutating func seconds(_ key: String) throws(YAMLFileError) -> Duration {
        .milliseconds(Int64(try number(key, "a number of at least 0, at most 10000000", where: { $0 >= 0 && $0 <= 1e7 }) * 1000))
    }
    fileprivate mutating func point<Point: RawRepresentable<String>>(_ key: String, _ points: [Point]) throws(YAMLFileError) -> Point {
        let name = try string(key)
        guard let point = points.first(where: { $0.rawValue == name }) else {
            throw problem("`\(key)` must be one of \(points.map(\.rawValue).joined(separator: ", ")), not `\(name)`")
        }
        return point
    }
}
