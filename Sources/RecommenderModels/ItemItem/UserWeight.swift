/// How much a user's co-occurrences count in a sum over users; n is the user's number of different items.
public enum UserWeight: Sendable, Hashable, CaseIterable {
    /// 1: the sum is the Gram matrix XᵀX. Users with many events count as much as their n(n+1)/2 pairs.
    case equal
    /// 1/√n.
    case inverseRoot
    /// 1/n: the L2 norm of a user's part of the sum is √((n+1)/2n), between 0.7 and 1, so that a clip of 1 changes nothing.
    case inverseCount

    func value(_ itemCount: Int) -> Float {
        switch self {
        case .equal: 1
        case .inverseRoot: 1 / Float(max(itemCount, 1)).squareRoot()
        case .inverseCount: 1 / Float(max(itemCount, 1))
        }
    }
}
