/// Where in a row each value stands.
struct RowColumns: Sendable {
    var user: Int
    var item: Int
    var time: Int?
    var rating: Int?
    var silo: Int?
    var timeFormat = TimeFormat.automatic
    /// The column of each condition.
    var conditions: [Int] = []
    var fieldCount: Int
    /// What an error says a row should be.
    var expectation: String
    /// Whether words such as NA stand for nothing.
    private var hasMarkers = false

    init(user: Int, item: Int, time: Int? = nil, rating: Int? = nil, fieldCount: Int, expectation: String) {
        self.user = user
        self.item = item
        self.time = time
        self.rating = rating
        self.fieldCount = fieldCount
        self.expectation = expectation
    }

    /// By the names of a header.
    init(_ mapping: ColumnMapping, conditions: [RowPredicate], header: [String], at place: ImportError.Place) throws {
        func find(_ name: String) throws -> Int {
            let matches = header.indices.filter { header[$0] == name }
            guard let first = matches.first else {
                throw ImportError(.missingColumn, at: place, "expected a column named \"\(name)\", found \(header.joined(separator: ", "))")
            }
            guard matches.count == 1 else { throw ImportError(.missingColumn, at: place, "the header names \"\(name)\" \(matches.count) times; rename the others") }
            return first
        }
        user = try find(mapping.user)
        item = try find(mapping.item)
        time = try mapping.time.map(find)
        rating = try mapping.rating.map(find)
        silo = try mapping.silo.map(find)
        timeFormat = mapping.timeFormat
        self.conditions = try conditions.map { try find($0.column) }
        fieldCount = header.count
        expectation = "\(header.count) fields as in the header"
        hasMarkers = true
    }

    /// By the positions of wanted keys.
    init(_ mapping: ColumnMapping, conditions: [RowPredicate], keys: [String]) {
        let find: (String) -> Int? = { name in keys.firstIndex(of: name) }
        user = find(mapping.user) ?? 0
        item = find(mapping.item) ?? 0
        time = mapping.time.flatMap(find)
        rating = mapping.rating.flatMap(find)
        silo = mapping.silo.flatMap(find)
        timeFormat = mapping.timeFormat
        self.conditions = conditions.compactMap { find($0.column) }
        fieldCount = keys.count
        expectation = "\(keys.count) members"
        hasMarkers = true
    }

    /// The keys that mapping and conditions need, each once.
    static func keys(_ mapping: ColumnMapping, conditions: [RowPredicate]) -> [String] {
        let named = [mapping.user, mapping.item, mapping.time, mapping.rating, mapping.silo].compactMap { $0 } + conditions.map(\.column)
        return named.reduce(into: []) { keys, name in if !keys.contains(name) { keys.append(name) } }
    }

    /// Whether a field is empty or, in files with named columns, says that there is no value.
    func isMissing(_ record: TextRecord, _ index: Int) -> Bool {
        record.withField(index) { field in
            if field.isEmpty { return true }
            guard hasMarkers, field.count <= 4 else { return false }
            return Self.markers.contains { field.elementsEqual($0.utf8) }
        }
    }

    private static let markers: [String] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "None"]
}

