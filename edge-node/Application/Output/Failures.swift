internal import CommandSupport
internal import DifferentialPrivacy
internal import EdgeRuntime
internal import Federation
internal import FederationIdentity
internal import Interactions
internal import StrictYAML

/// The exit status of an error, by what the operator should do next.
func exitStatus(of error: any Error) -> ExitStatus {
    switch error {
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
    case let error as StorageError:
        switch error.code {
        case .full: .ioError
        case .alreadyImported, .corrupted: .dataError
        case .conflict, .unavailable: .unavailable
        }
    case let error as PrivacyError: error.code == .budgetExhausted ? .budgetExhausted : .dataError
    case let error as ImportError:
        switch error.code {
        case .unreadable: .noInput
        case .invalidOption: .usage
        default: .dataError
        }
    case let error as IdentityError:
        switch error.code {
        case .fileAccess: .configuration
        case .alreadyExists: .cannotCreate
        case .malformed: .dataError
        default: .refused
        }
    case is YAMLFileError: .configuration
    case is CancellationError: .success
    default: .failure
    }
}
