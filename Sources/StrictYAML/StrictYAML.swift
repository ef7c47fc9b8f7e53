internal import Yams

/// What is wrong with a YAML file, with the place and the remedy.
public struct YAMLFileError: Error, Sendable, Hashable, CustomStringConvertible {
    public var fileName: String
    /// Counted from 1; `nil` when the place is not known.
    public var line: Int?
    public var column: Int?
    public var problem: String

    public init(fileName: String, line: Int? = nil, column: Int? = nil, problem: String) {
        self.fileName = fileName
        self.line = line
        self.column = column
        self.problem = problem
    }
    public var description: String {
        let place = [line, column].compactMap { $0.map(String.init) }
        return ([fileName] + place).joined(separator: ":") + ": " + problem
    }
}

/// A mapping of a YAML file whose every key must be asked for: what nobody asked for is an error, so that a misspelt key
/// never silently means the default.
public struct StrictMapping {
    private let source: Source
    private let path: [String]
    private var entries: [String: Node]
    private let place: Mark?
    private var known: [String] = []

    /// Parses a file whose top level is a mapping; an empty file is an empty mapping.
    public init(yaml text: String, fileName: String) throws(YAMLFileError) {
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch let error as YamlError { throw Self.translated(error, fileName) } catch {
            throw YAMLFileError(fileName: fileName, problem: "not YAML: \(error)")
        }
        try self.init(root ?? Node([(Node, Node)]()), path: [], source: Source(fileName: fileName))
    }

    private init(_ node: Node, path: [String], source: Source) throws(YAMLFileError) {
        self.source = source
        self.path = path
        place = node.mark
        entries = [:]
        guard case .mapping(let mapping) = node else {
            if case .scalar(let scalar) = node, scalar.string.isEmpty || scalar.string == "null", path.isEmpty { return }
            throw source.error(node, "\(Self.name(path)) must be a mapping of keys to values")
        }
        for (key, value) in mapping {
            guard let name = key.string else { throw source.error(key, "a key must be text") }
            guard entries.updateValue(value, forKey: name) == nil else { throw source.error(key, "the key `\(name)` stands twice") }
        }
    }

    private struct Source {
        var fileName: String
        func error(_ node: Node?, _ problem: String) -> YAMLFileError {
            YAMLFileError(fileName: fileName, line: node?.mark?.line, column: node?.mark?.column, problem: problem)
        }
    }

    private static func name(_ path: [String]) -> String { path.isEmpty ? "the file" : "`\(path.joined(separator: "."))`" }

    private static func translated(_ error: YamlError, _ fileName: String) -> YAMLFileError {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _), .composer(_, let problem, let mark, _):
            YAMLFileError(fileName: fileName, line: mark.line, column: mark.column, problem: "not YAML: \(problem)")
        default: YAMLFileError(fileName: fileName, problem: "not YAML: \(error)")
        }
    }

    private mutating func take(_ key: String) -> Node? {
        known.append(key)
        guard let node = entries.removeValue(forKey: key) else { return nil }
        if case .scalar(let scalar) = node, scalar.style == .plain, ["", "~", "null"].contains(scalar.string) { return nil }
        return node
    }

    private func required<Value>(_ key: String, _ value: Value?) throws(YAMLFileError) -> Value {
        guard let value else {
            throw YAMLFileError(fileName: source.fileName, line: place?.line, column: place?.column, problem: "\(Self.name(path + [key])) is missing")
        }
        return value
    }

    private func scalar(_ key: String, _ node: Node, _ expected: String) throws(YAMLFileError) -> String {
        guard case .scalar(let scalar) = node else { throw source.error(node, "\(Self.name(path + [key])) must be \(expected)") }
        return scalar.string
    }
}

// MARK: Values

extension StrictMapping {
    public mutating func optionalString(_ key: String) throws(YAMLFileError) -> String? {
        guard let node = take(key) else { return nil }
        return try scalar(key, node, "text")
    }
    public mutating func string(_ key: String) throws(YAMLFileError) -> String { try required(key, try optionalString(key)) }

    /// A whole number; `_` may group digits.
    public mutating func optionalInteger(_ key: String, in range: ClosedRange<Int>) throws(YAMLFileError) -> Int? {
        guard let node = take(key) else { return nil }
        let text = try scalar(key, node, "a whole number")
        guard let value = Int(text.filter { $0 != "_" }) else {
            throw source.error(node, "\(Self.name(path + [key])) must be a whole number, not `\(text)`")
        }
        guard range.contains(value) else {
            let bounds = range.upperBound == .max ? "at least \(range.lowerBound)" : "in \(range.lowerBound)…\(range.upperBound)"
            throw source.error(node, "\(Self.name(path + [key])) must be \(bounds), not \(value)")
        }
        return value
    }
    public mutating func integer(_ key: String, in range: ClosedRange<Int>) throws(YAMLFileError) -> Int {
        try required(key, try optionalInteger(key, in: range))
    }

    /// A finite number.
    public mutating func optionalNumber(_ key: String, _ rule: String = "a number", where valid: (Double) -> Bool = { _ in true }) throws(YAMLFileError) -> Double? {
        guard let node = take(key) else { return nil }
        let text = try scalar(key, node, rule)
        guard let value = Double(text.filter { $0 != "_" }), value.isFinite, valid(value) else {
            throw source.error(node, "\(Self.name(path + [key])) must be \(rule), not `\(text)`")
        }
        return value
    }
    public mutating func number(_ key: String, _ rule: String = "a number", where valid: (Double) -> Bool = { _ in true }) throws(YAMLFileError) -> Double {
        try required(key, try optionalNumber(key, rule, where: valid))
    }

    public mutating func optionalFlag(_ key: String) throws(YAMLFileError) -> Bool? {
        guard let node = take(key) else { return nil }
        switch try scalar(key, node, "true or false") {
        case "true", "yes", "on": return true
        case "false", "no", "off": return false
        case let text: throw source.error(node, "\(Self.name(path + [key])) must be true or false, not `\(text)`")
        }
    }

    /// One of a closed set of words.
    public mutating func optionalChoice<Value>(_ key: String, _ choices: KeyValuePairs<String, Value>) throws(YAMLFileError) -> Value? {
        guard let node = take(key) else { return nil }
        let text = try scalar(key, node, "one word")
        guard let choice = choices.first(where: { $0.key == text }) else {
            throw source.error(node, "\(Self.name(path + [key])) must be one of \(choices.map(\.key).joined(separator: ", ")), not `\(text)`")
        }
        return choice.value
    }
    public mutating func choice<Value>(_ key: String, _ choices: KeyValuePairs<String, Value>) throws(YAMLFileError) -> Value {
        try required(key, try optionalChoice(key, choices))
    }

    /// A list of texts; absent is `nil`.
    public mutating func optionalStrings(_ key: String) throws(YAMLFileError) -> [String]? {
        guard let node = take(key) else { return nil }
        guard case .sequence(let sequence) = node else { throw source.error(node, "\(Self.name(path + [key])) must be a list") }
        var result: [String] = []
        for element in sequence { result.append(try scalar(key, element, "a list of texts")) }
        return result
    }
}

// MARK: Nesting

extension StrictMapping {
    /// Reads a nested mapping and checks that all its keys were asked for; absent is `nil`.
    public mutating func optionalMapping<Value>(_ key: String, read: (inout StrictMapping) throws(YAMLFileError) -> Value) throws(YAMLFileError) -> Value? {
        guard let node = take(key) else { return nil }
        var nested = try StrictMapping(node, path: path + [key], source: source)
        let value = try read(&nested)
        try nested.finish()
        return value
    }
    public mutating func mapping<Value>(_ key: String, read: (inout StrictMapping) throws(YAMLFileError) -> Value) throws(YAMLFileError) -> Value {
        try required(key, try optionalMapping(key, read: read))
    }

    /// Reads a list of mappings; absent is empty.
    public mutating func mappings<Value>(_ key: String, read: (inout StrictMapping) throws(YAMLFileError) -> Value) throws(YAMLFileError) -> [Value] {
        guard let node = take(key) else { return [] }
        guard case .sequence(let sequence) = node else { throw source.error(node, "\(Self.name(path + [key])) must be a list") }
        var result: [Value] = []
        for (index, element) in sequence.enumerated() {
            var nested = try StrictMapping(element, path: path + ["\(key)[\(index)]"], source: source)
            result.append(try read(&nested))
            try nested.finish()
        }
        return result
    }

    /// Reads `key: word` or `key: {word: {…}}`: a choice whose settings stand below its name, or none.
    public mutating func optionalVariant<Value>(
        _ key: String, _ words: [String], read: (String, inout StrictMapping) throws(YAMLFileError) -> Value
    ) throws(YAMLFileError) -> Value? {
        guard let node = take(key) else { return nil }
        let list = words.joined(separator: ", ")
        let word: String
        var settings: StrictMapping
        switch node {
        case .scalar(let scalar):
            word = scalar.string
            settings = try StrictMapping(Node([(Node, Node)]()), path: path + [key, word], source: source)
        case .mapping(let mapping):
            guard mapping.count == 1, let (name, value) = mapping.first(where: { _ in true }), let text = name.string else {
                throw source.error(node, "\(Self.name(path + [key])) must name exactly one of \(list)")
            }
            word = text
            let empty: Bool = if case .scalar(let scalar) = value { scalar.string.isEmpty } else { false }
            settings = try StrictMapping(empty ? Node([(Node, Node)]()) : value, path: path + [key, word], source: source)
        default: throw source.error(node, "\(Self.name(path + [key])) must be one of \(list)")
        }
        guard words.contains(word) else { throw source.error(node, "\(Self.name(path + [key])) must be one of \(list), not `\(word)`") }
        let value = try read(word, &settings)
        try settings.finish()
        return value
    }
    public mutating func variant<Value>(
        _ key: String, _ words: [String], read: (String, inout StrictMapping) throws(YAMLFileError) -> Value
    ) throws(YAMLFileError) -> Value {
        try required(key, try optionalVariant(key, words, read: read))
    }

    /// Throws for the first key that nobody asked for.
    public func finish() throws(YAMLFileError) {
        guard let (key, node) = entries.min(by: { ($0.value.mark?.line ?? 0, $0.key) < ($1.value.mark?.line ?? 0, $1.key) }) else { return }
        throw source.error(node, "unknown key \(Self.name(path + [key])); known here: \(known.joined(separator: ", "))")
    }

    /// An error about this mapping as a whole.
    public func problem(_ text: String) -> YAMLFileError {
        YAMLFileError(fileName: source.fileName, line: place?.line, column: place?.column, problem: text)
    }
}
