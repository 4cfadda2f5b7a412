/// The words docker uses for a length of time: `About a minute`, `3 hours`, `2 weeks`.
package enum HumanDuration {
    /// Words for `duration`; rounds down except at the hour.
    package static func text(_ duration: Duration) -> String {
        let seconds = duration.components.seconds
        let minutes = seconds / 60
        // The reference rounds hours to the nearest.
        let hours = (seconds + 1800) / 3600
        switch true {
        case seconds < 1: return "Less than a second"
        case seconds == 1: return "1 second"
        case seconds < 60: return "\(seconds) seconds"
        case minutes == 1: return "About a minute"
        case minutes < 60: return "\(minutes) minutes"
        case hours == 1: return "About an hour"
        case hours < 48: return "\(hours) hours"
        case hours < 24 * 7 * 2: return "\(hours / 24) days"
        case hours < 24 * 30 * 2: return "\(hours / 24 / 7) weeks"
        case hours < 24 * 365 * 2: return "\(hours / 24 / 30) months"
        default: return "\(hours / 24 / 365) years"
        }
    }
}
