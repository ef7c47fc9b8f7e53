/// Projection on the leading singular vectors of the users' items (Cremonesi, Koren and Turrin 2010, *PureSVD*).
public struct PureSVDConfiguration: Sendable, Hashable {
    /// f, how many singular vectors are kept; 1…1024, and never more than V.
    public var dimension: Int
    public var userWeight: UserWeight

    public init(dimension: Int = 64, userWeight: UserWeight = .equal) {
        self.dimension = dimension
        self.userWeight = userWeight
    }

    func validate() throws {
        guard (1...1024).contains(dimension) else { throw ModelError("the dimension is \(dimension); choose a value from 1 to 1024") }
    }
}
