"""Who speaks in the invented meetings, and what they say."""

from types import MappingProxyType

NAMES = (
    "Maria Lindqvist", "Daniel Okafor", "Priya Raman", "Tom Becker", "Aisha Rahman", "Lucas Moreau",
    "Hannah Weiss", "Kenji Tanaka", "Sofia Alvarez", "Peter Novak", "Grace Kim", "Omar Haddad",
    "Elena Petrova", "James Whitfield", "Chiara Romano", "Ravi Menon", "Ingrid Solberg", "Marcus Reed",
    "Yuki Mori", "Fatima Zahra", "Ben Carter", "Nadia Hussein", "Oliver Grant", "Camille Dubois",
)  # fmt: skip

CUSTOMERS = ("Northwind", "Contoso", "Fabrikam", "Globex", "Initech", "Umbrella Foods", "Acme Rail", "Blue Yonder")
FEATURES = ("single sign-on", "the export", "the mobile app", "the search page", "the billing report", "the importer")
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday")
MONTHS = ("January", "March", "April", "June", "September", "October")

TOPICS: MappingProxyType[str, tuple[str, ...]] = MappingProxyType(
    {
        "renewal": (
            "The renewal with {customer} is due in {month}, and they asked about pricing again.",
            "They said our price is {number} percent above what the competitor offered.",
            "If we include {feature}, I think they will sign for two years.",
            "Who owns the contract on their side now?",
            "Legal still has questions about the data processing agreement.",
            "I would rather give them a longer term than a bigger discount.",
            "Let us send the revised quote before {day}.",
            "Their budget is frozen until {month}, so we need a smaller first step.",
        ),
        "launch": (
            "We plan to launch {feature} on {day} if the last tests pass.",
            "There are {number} open bugs, and two of them are blockers.",
            "The blocker is the login timeout that {customer} reported.",
            "Can we ship it behind a flag and turn it on next week?",
            "Marketing needs the screenshots by {day} at the latest.",
            "I am worried about the migration, because nobody has tried it on real data.",
            "The documentation for {feature} is nearly done.",
            "Let us decide today whether we move the date.",
        ),
        "incident": (
            "The outage on {day} lasted {number} minutes and affected {customer}.",
            "The root cause was a full disk on the primary database.",
            "The alert fired, but nobody was on call that night.",
            "We should rehearse the failover once a month.",
            "I will write the report and send it to {customer}.",
            "How did the retry storm start in the first place?",
            "The queue grew to {number} thousand messages before we noticed.",
            "An action item for me is to add an alert on replication lag.",
        ),
        "hiring": (
            "We have {number} candidates for the backend role.",
            "The second candidate explained {feature} very clearly.",
            "I liked her answers, but the take-home exercise was thin.",
            "Could we make an offer before {day}?",
            "The budget allows one more engineer in {month}.",
            "Let us ask for a reference from {customer}.",
            "My concern is that the team is already spread too thin.",
            "I can do the next interview on {day}.",
        ),
        "interview": (
            "How does your team at {customer} use {feature} today?",
            "Mostly we copy the numbers into a spreadsheet every {day}.",
            "That takes about {number} minutes each time, and it is error prone.",
            "What would you change first if you could?",
            "I would like to get a message when something looks wrong.",
            "We tried another tool in {month}, but nobody kept using it.",
            "The thing I miss most is a good overview for my manager.",
            "Would you be willing to test an early version?",
        ),
    }
)

OPENINGS = (
    "Good morning everyone, can you hear me?",
    "Hi all, let us get started.",
    "Thanks for joining on such short notice.",
    "I am going to share my screen now.",
)

REACTIONS = (
    "Yes, that makes sense.",
    "I agree with that.",
    "Sorry, you were on mute.",
    "Good point.",
    "Hmm, I am not sure about that.",
    "Okay, let me write that down.",
    "Could you say a bit more about that?",
    "Right, and what is the next step?",
    "I can take that one.",
)

CLOSINGS = ("Great, thanks everybody, talk to you on {day}.", "Let us stop here. Have a good rest of the day.")

TITLES: MappingProxyType[str, str] = MappingProxyType(
    {
        "renewal": "{customer} renewal",
        "launch": "Launch of {feature}",
        "incident": "Incident review",
        "hiring": "Hiring round",
        "interview": "Customer interview with {customer}",
    }
)
