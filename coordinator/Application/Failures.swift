import CommandSupport
import Federation
import StrictYAML

/// The exit status of an error that a coordinator command met.
func exitStatus(of error: any Error) -> ExitStatus {
    switch error {
    case is YAMLFileError: .dataError
    case let error as FederationError:
        switch error.code {
        case .invalidPlan, .invalidArgument, .corrupted: .dataError
        case .unavailable: .unavailable
        case .rejected, .unauthenticated: .refused
        case .notFound: .noInput
        case .failedPrecondition: .configuration
        case .budgetExhausted: .budgetExhausted
        default: .internalError
        }
    default: .failure
    }
}
