//! Lets a request through to its handler when its caller may do that; refuses it with what is missing.

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::body;
use super::problem::Problem;
use crate::access::{Gate, Refusal, Scope};

/// What a route asks of its callers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Nothing: it tells nobody anything about the estate.
    Open,
    /// This scope, of a program.
    Of(Scope),
    /// The scope `read`, of a person at a browser, which is asked for a password.
    Page,
}

impl Need {
    /// The scope; none for open routes.
    pub const fn scope(self) -> Option<Scope> {
        match self {
            Self::Open => None,
            Self::Of(scope) => Some(scope),
            Self::Page => Some(Scope::Read),
        }
    }
}

/// The middleware of one route.
pub(super) async fn admit(
    State((gate, need)): State<(Arc<Gate>, Need)>,
    mut request: Request,
    next: Next,
) -> Response {
    let Some(scope) = need.scope() else { return next.run(request).await };
    match gate.admit(request.headers(), scope).await {
        Ok(principal) => {
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(refusal) => {
            body::discard(request).await;
            answer(refusal, need)
        }
    }
}

fn answer(refusal: Refusal, need: Need) -> Response {
    // RFC 6750: the error names what is wrong with a token, and stays away where there is none.
    let (problem, challenge) = match refusal {
        Refusal::NoCredentials => {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "This needs an access token.").detail(
                "Make one with `nines token create`, and send it as `Authorization: Bearer`. A browser may give it as \
                 the password, with any user name.",
            );
            (problem, "Bearer realm=\"nines\"".to_owned())
        }
        Refusal::Unknown => {
            let problem = Problem::new(StatusCode::UNAUTHORIZED, "This access token is not valid.")
                .detail("It is mistyped, revoked or past its end; see `nines token list`.");
            (problem, "Bearer realm=\"nines\", error=\"invalid_token\"".to_owned())
        }
        Refusal::Missing(scope) => {
            let scope = scope.word();
            let problem =
                Problem::new(StatusCode::FORBIDDEN, format!("This access token lacks the scope `{scope}`."));
            (problem, format!("Bearer realm=\"nines\", error=\"insufficient_scope\", scope=\"{scope}\""))
        }
        Refusal::Unavailable => {
            return Problem::unavailable()
                .detail("Access tokens cannot be looked up; nothing was done.")
                .into_response();
        }
    };
    // A browser asks its user when it sees this, and takes nothing else.
    let challenge =
        if need == Need::Page { "Basic realm=\"nines\", charset=\"UTF-8\"".to_owned() } else { challenge };
    let mut response = problem.into_response();
    if let Ok(challenge) = HeaderValue::from_str(&challenge) {
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
    }
    response
}
